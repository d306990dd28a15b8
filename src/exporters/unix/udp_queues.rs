//! `udp_queues`: bytes that wait in the queues of UDP sockets.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_hex};
use crate::base::Exposition;

pub(super) struct UdpQueues;

impl Collector for UdpQueues {
    fn name(&self) -> &'static str {
        "udp_queues"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let mut missing = Vec::new();
        for (file, ip) in [("net/udp", "v4"), ("net/udp6", "v6")] {
            let text = match ctx.proc(file) {
                Ok(text) => text,
                Err(error) if error.is_missing() => {
                    missing.push(error.to_string());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (send, receive) = sums(&text, file)?;
            for (queue, bytes) in [("rx", receive), ("tx", send)] {
                out.gauge("node_udp_queues", "Bytes waiting in the queues of UDP sockets.", &[("ip", ip), ("queue", queue)], bytes as f64);
            }
        }
        if missing.len() == 2 { Err(CollectError::NoData(missing.join(", "))) } else { Ok(()) }
    }
}

fn sums(text: &str, file: &str) -> Collected<(u64, u64)> {
    let mut sums = (0_u64, 0_u64);
    for line in text.lines().skip(1) {
        let queues = line.split_whitespace().nth(4).and_then(|field| field.split_once(':'));
        let (send, receive) = queues.ok_or_else(|| CollectError::parse(file, format!("no queues in `{line}`")))?;
        sums.0 = sums.0.wrapping_add(parse_hex(send, file)?);
        sums.1 = sums.1.wrapping_add(parse_hex(receive, file)?);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n";

    #[test]
    fn sums_both_queues() {
        let line =
            "    0: 00000000:0016 00000000:0000 0A 00000015:0000000A 00:00000000 00000000     0        0 2740 1 ffff88003d3af3c0 0\n";
        let text = format!("{HEAD}{line}{line}");
        check(
            "udp_queues",
            &[("proc/net/udp", &text)],
            |_| {},
            &expect![[r#"
            # TYPE node_udp_queues gauge
            node_udp_queues{ip="v4",queue="rx"} 20
            node_udp_queues{ip="v4",queue="tx"} 42
        "#]],
        );
        check(
            "udp_queues",
            &[("proc/net/udp6", &format!("{HEAD}1: 2\n"))],
            |_| {},
            &expect!["error: unexpected content in net/udp6: no queues in `1: 2`\n"],
        );
        check(
            "udp_queues",
            &[],
            |_| {},
            &expect![[r#"
            error: no data: cannot read DIR/proc/net/udp: No such file or directory (os error 2), cannot read DIR/proc/net/udp6: No such file or directory (os error 2)
        "#]],
        );
    }
}
