//! `qdisc`: what the root queue of each network device sent, dropped and holds.

use super::Collector;
use super::context::{Collected, Ctx};
use super::netlink::{attributes, device, dump, u32_at, u64_at};
use crate::base::{Exposition, Kind};

pub(super) struct Qdisc;

const RTM_GETQDISC: u16 = 38;
/// Length of the fixed part of a message.
const HEAD: usize = 20;
/// The parent of a queue that has none.
const ROOT: u32 = u32::MAX;
const TCA_KIND: u16 = 1;
const TCA_STATS: u16 = 3;
const TCA_STATS2: u16 = 7;
const TCA_STATS_BASIC: u16 = 1;
const TCA_STATS_QUEUE: u16 = 3;

#[derive(Debug, Default, PartialEq)]
struct Queue {
    index: u32,
    kind: String,
    bytes: u64,
    packets: u32,
    drops: u32,
    requeues: u32,
    overlimits: u32,
    length: u32,
    backlog: u32,
}

impl Collector for Qdisc {
    fn name(&self) -> &'static str {
        "qdisc"
    }

    fn collect(&self, _: &Ctx, out: &mut Exposition) -> Collected {
        dump(libc::NETLINK_ROUTE, RTM_GETQDISC, &[0; HEAD], |message| {
            if let Some(queue) = parse(message) {
                add(out, &queue, &device(queue.index));
            }
        })
    }
}

fn add(out: &mut Exposition, queue: &Queue, device: &str) {
    let figures = [
        ("node_qdisc_bytes_total", Kind::Counter, "Bytes sent.", queue.bytes as f64),
        ("node_qdisc_packets_total", Kind::Counter, "Packets sent.", f64::from(queue.packets)),
        ("node_qdisc_drops_total", Kind::Counter, "Packets dropped.", f64::from(queue.drops)),
        ("node_qdisc_requeues_total", Kind::Counter, "Packets put back.", f64::from(queue.requeues)),
        ("node_qdisc_overlimits_total", Kind::Counter, "Packets over the limit.", f64::from(queue.overlimits)),
        ("node_qdisc_current_queue_length", Kind::Gauge, "Packets in the queue.", f64::from(queue.length)),
        ("node_qdisc_backlog", Kind::Gauge, "Bytes in the queue.", f64::from(queue.backlog)),
    ];
    for (name, kind, help, value) in figures {
        out.sample(kind, name, help, &[("device", device), ("kind", &queue.kind)], value);
    }
}

/// A root queue; nothing for the others.
fn parse(message: &[u8]) -> Option<Queue> {
    let mut queue = Queue { index: u32_at(message, 4)?, ..Queue::default() };
    if u32_at(message, 12)? != ROOT {
        return None;
    }
    let mut newer = false;
    for (kind, value) in attributes(message.get(HEAD..)?) {
        match kind {
            TCA_KIND => queue.kind = String::from_utf8_lossy(value).trim_end_matches('\0').to_owned(),
            TCA_STATS2 => {
                newer = true;
                attributes(value).for_each(|(kind, value)| statistics(&mut queue, kind, value));
            }
            // The old form, without the packets that were put back.
            TCA_STATS if !newer => {
                queue.bytes = u64_at(value, 0).unwrap_or_default();
                let [packets, drops, overlimits, _, _, length, backlog] =
                    [8, 12, 16, 20, 24, 28, 32].map(|at| u32_at(value, at).unwrap_or_default());
                (queue.packets, queue.drops, queue.overlimits, queue.length, queue.backlog) = (packets, drops, overlimits, length, backlog);
            }
            _ => {}
        }
    }
    Some(queue)
}

fn statistics(queue: &mut Queue, kind: u16, value: &[u8]) {
    let at = |offset| u32_at(value, offset).unwrap_or_default();
    match kind {
        TCA_STATS_BASIC => (queue.bytes, queue.packets) = (u64_at(value, 0).unwrap_or_default(), at(8)),
        TCA_STATS_QUEUE => {
            (queue.length, queue.backlog, queue.drops, queue.requeues, queue.overlimits) = (at(0), at(4), at(8), at(12), at(16))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).expect("it is short");
        [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value, &vec![0; value.len().next_multiple_of(4) - value.len()]].concat()
    }

    fn numbers(list: &[u32]) -> Vec<u8> {
        list.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    #[test]
    fn a_root_queue() {
        let basic = [&1000_u64.to_ne_bytes()[..], &numbers(&[12, 0])].concat();
        let statistics = [attribute(TCA_STATS_BASIC, &basic), attribute(TCA_STATS_QUEUE, &numbers(&[1, 2, 3, 4, 5]))].concat();
        let body = [attribute(TCA_KIND, b"fq_codel\0"), attribute(TCA_STATS2, &statistics), attribute(TCA_STATS, &[9; 36])].concat();
        let message = |parent: u32| [numbers(&[0, 7, 0, parent, 0]), body.clone()].concat();
        let expected = Queue {
            index: 7,
            kind: "fq_codel".to_owned(),
            bytes: 1000,
            packets: 12,
            drops: 3,
            requeues: 4,
            overlimits: 5,
            length: 1,
            backlog: 2,
        };
        assert_eq!(parse(&message(ROOT)), Some(expected));
        assert_eq!(parse(&message(1)), None);
        assert_eq!(parse(&[]), None);
    }
}
