//! `tcpstat`: TCP connections by state, and the bytes that wait in them.

use super::Collector;
use super::context::{Collected, Ctx};
use super::netlink::{dump, u32_at};
use crate::base::Exposition;

pub(super) struct Tcpstat;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// States as the kernel numbers them, from 1 on.
const STATES: [&str; 11] =
    ["established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait", "last_ack", "listen", "closing"];
/// Bits of the states 1 to 11.
const ALL_STATES: u32 = 0xfff;
/// Length of the part of a message that names both ends.
const SOCKET_ID: usize = 48;

#[derive(Debug, Default)]
struct Totals {
    states: [u32; STATES.len()],
    receive: u64,
    send: u64,
}

impl Totals {
    /// Family, state, timer, retransmissions, both ends, expiry, receive queue, send queue.
    fn add(&mut self, message: &[u8]) {
        let state = message.get(1).and_then(|state| self.states.get_mut(usize::from(*state).wrapping_sub(1)));
        state.into_iter().for_each(|count| *count += 1);
        self.receive += u64::from(u32_at(message, 4 + SOCKET_ID + 4).unwrap_or_default());
        self.send += u64::from(u32_at(message, 4 + SOCKET_ID + 8).unwrap_or_default());
    }
}

impl Collector for Tcpstat {
    fn name(&self) -> &'static str {
        "tcpstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let mut totals = Totals::default();
        let six = std::path::Path::new(&format!("{}/net/tcp6", ctx.proc)).exists();
        for family in [Some(libc::AF_INET), six.then_some(libc::AF_INET6)].into_iter().flatten() {
            let mut request = vec![family as u8, libc::IPPROTO_TCP as u8, 0, 0];
            request.extend(ALL_STATES.to_ne_bytes());
            request.extend([0; SOCKET_ID]);
            dump(libc::NETLINK_INET_DIAG, SOCK_DIAG_BY_FAMILY, &request, |message| totals.add(message))?;
        }
        report(&totals, out);
        Ok(())
    }
}

fn report(totals: &Totals, out: &mut Exposition) {
    let mut add = |state: &str, value: f64| {
        out.gauge("node_tcp_connection_states", "Connections by state, and bytes in their queues.", &[("state", state)], value)
    };
    for (state, count) in STATES.iter().zip(totals.states).filter(|(_, count)| *count > 0) {
        add(state, f64::from(count));
    }
    if totals.states.iter().any(|count| *count > 0) {
        add("rx_queued_bytes", totals.receive as f64);
        add("tx_queued_bytes", totals.send as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn messages_are_counted_by_state() {
        let message = |state: u8, receive: u32, send: u32| {
            [&[2, state, 0, 0][..], &[0; SOCKET_ID], &[0; 4], &receive.to_ne_bytes(), &send.to_ne_bytes()].concat()
        };
        let mut totals = Totals::default();
        for one in [message(1, 5, 7), message(1, 1, 0), message(10, 0, 128), vec![2, 99], Vec::new()] {
            totals.add(&one);
        }
        let mut out = Exposition::new();
        report(&totals, &mut out);
        let mut page = String::new();
        out.render(&mut page);
        expect![[r#"
            # HELP node_tcp_connection_states Connections by state, and bytes in their queues.
            # TYPE node_tcp_connection_states gauge
            node_tcp_connection_states{state="established"} 2
            node_tcp_connection_states{state="listen"} 1
            node_tcp_connection_states{state="rx_queued_bytes"} 6
            node_tcp_connection_states{state="tx_queued_bytes"} 135
        "#]]
        .assert_eq(&page);
    }

    #[test]
    fn the_kernel_lists_a_listening_socket() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let mut out = Exposition::new();
        match Tcpstat.collect(&Ctx::new("/proc", "/sys", "/", "/"), &mut out) {
            Ok(()) => {
                let mut page = String::new();
                out.render(&mut page);
                assert!(page.contains("{state=\"listen\"}"), "{page}");
            }
            // A sandbox or a small kernel may not have this.
            Err(error) => eprintln!("tcpstat: skipped, {error}"),
        }
        drop(listener);
    }
}
