//! `softnet`: packets each processor took from the network cards, and what held it up.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_hex};
use crate::base::{Exposition, Kind};

pub(super) struct Softnet;

/// Column, metric, type and help text. Columns that an old kernel lacks count as zero.
const FIGURES: [(usize, &str, Kind, &str); 7] = [
    (0, "node_softnet_processed_total", Kind::Counter, "Packets processed."),
    (1, "node_softnet_dropped_total", Kind::Counter, "Packets dropped because the backlog was full."),
    (2, "node_softnet_times_squeezed_total", Kind::Counter, "How often processing ran out of its budget."),
    (8, "node_softnet_cpu_collision_total", Kind::Counter, "How often the lock of a device was taken on sending."),
    (9, "node_softnet_received_rps_total", Kind::Counter, "How often another processor woke this one to receive."),
    (10, "node_softnet_flow_limit_count_total", Kind::Counter, "How often a flow reached its limit."),
    (11, "node_softnet_backlog_len", Kind::Gauge, "Packets in the backlog."),
];
const MIN_COLUMNS: usize = 9;
const CPU: usize = 12;

impl Collector for Softnet {
    fn name(&self) -> &'static str {
        "softnet"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("net/softnet_stat")?;
        for (number, line) in text.lines().enumerate() {
            let mut columns = [0_u64; CPU + 1];
            let mut width = 0;
            for (slot, field) in columns.iter_mut().zip(line.split_whitespace()) {
                *slot = parse_hex(field, "net/softnet_stat")?;
                width += 1;
            }
            if width < MIN_COLUMNS {
                return Err(CollectError::parse("net/softnet_stat", format!("{width} columns instead of at least {MIN_COLUMNS}")));
            }
            // Backlog and processor came together; before, the line number was the processor.
            if width <= CPU {
                columns[CPU - 1] = 0;
                columns[CPU] = number as u64;
            }
            let cpu = columns[CPU].to_string();
            for (column, name, kind, help) in FIGURES {
                out.sample(kind, name, help, &[("cpu", &cpu)], columns[column] as f64);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn new_and_old_kernels() {
        let new = "0000000a 00000001 00000002 0 0 0 0 0 00000003 00000004 00000005 00000006 00000007 00000000 00000000\n";
        check(
            "softnet",
            &[("proc/net/softnet_stat", new)],
            |_| {},
            &expect![[r#"
            # TYPE node_softnet_backlog_len gauge
            node_softnet_backlog_len{cpu="7"} 6
            # TYPE node_softnet_cpu_collision_total counter
            node_softnet_cpu_collision_total{cpu="7"} 3
            # TYPE node_softnet_dropped_total counter
            node_softnet_dropped_total{cpu="7"} 1
            # TYPE node_softnet_flow_limit_count_total counter
            node_softnet_flow_limit_count_total{cpu="7"} 5
            # TYPE node_softnet_processed_total counter
            node_softnet_processed_total{cpu="7"} 10
            # TYPE node_softnet_received_rps_total counter
            node_softnet_received_rps_total{cpu="7"} 4
            # TYPE node_softnet_times_squeezed_total counter
            node_softnet_times_squeezed_total{cpu="7"} 2
        "#]],
        );
        check(
            "softnet",
            &[("proc/net/softnet_stat", "0 0 0 0 0 0 0 0 0\nff 0 0 0 0 0 0 0 0\n1 2\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_softnet_backlog_len gauge
            node_softnet_backlog_len{cpu="0"} 0
            node_softnet_backlog_len{cpu="1"} 0
            # TYPE node_softnet_cpu_collision_total counter
            node_softnet_cpu_collision_total{cpu="0"} 0
            node_softnet_cpu_collision_total{cpu="1"} 0
            # TYPE node_softnet_dropped_total counter
            node_softnet_dropped_total{cpu="0"} 0
            node_softnet_dropped_total{cpu="1"} 0
            # TYPE node_softnet_flow_limit_count_total counter
            node_softnet_flow_limit_count_total{cpu="0"} 0
            node_softnet_flow_limit_count_total{cpu="1"} 0
            # TYPE node_softnet_processed_total counter
            node_softnet_processed_total{cpu="0"} 0
            node_softnet_processed_total{cpu="1"} 255
            # TYPE node_softnet_received_rps_total counter
            node_softnet_received_rps_total{cpu="0"} 0
            node_softnet_received_rps_total{cpu="1"} 0
            # TYPE node_softnet_times_squeezed_total counter
            node_softnet_times_squeezed_total{cpu="0"} 0
            node_softnet_times_squeezed_total{cpu="1"} 0
            error: unexpected content in net/softnet_stat: 2 columns instead of at least 9
        "#]],
        );
    }
}
