//! `infiniband`: state and counters of InfiniBand ports.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_unsigned};
use crate::base::Exposition;

pub(super) struct Infiniband;

/// The hardware counts data in words of this many bytes.
const WORD: u64 = 4;
/// Bytes in a gigabit.
const GIGABIT: f64 = 125_000_000.0;

/// File below the port, metric and factor.
const COUNTERS: [(&str, &str, u64); 30] = [
    ("counters_ext/port_multicast_rcv_packets", "node_infiniband_legacy_multicast_packets_received_total", 1),
    ("counters_ext/port_multicast_xmit_packets", "node_infiniband_legacy_multicast_packets_transmitted_total", 1),
    ("counters_ext/port_rcv_data_64", "node_infiniband_legacy_data_received_bytes_total", WORD),
    ("counters_ext/port_rcv_packets_64", "node_infiniband_legacy_packets_received_total", 1),
    ("counters_ext/port_unicast_rcv_packets", "node_infiniband_legacy_unicast_packets_received_total", 1),
    ("counters_ext/port_unicast_xmit_packets", "node_infiniband_legacy_unicast_packets_transmitted_total", 1),
    ("counters_ext/port_xmit_data_64", "node_infiniband_legacy_data_transmitted_bytes_total", WORD),
    ("counters_ext/port_xmit_packets_64", "node_infiniband_legacy_packets_transmitted_total", 1),
    ("counters/excessive_buffer_overrun_errors", "node_infiniband_excessive_buffer_overrun_errors_total", 1),
    ("counters/link_downed", "node_infiniband_link_downed_total", 1),
    ("counters/link_error_recovery", "node_infiniband_link_error_recovery_total", 1),
    ("counters/local_link_integrity_errors", "node_infiniband_local_link_integrity_errors_total", 1),
    ("counters/multicast_rcv_packets", "node_infiniband_multicast_packets_received_total", 1),
    ("counters/multicast_xmit_packets", "node_infiniband_multicast_packets_transmitted_total", 1),
    ("counters/port_rcv_constraint_errors", "node_infiniband_port_constraint_errors_received_total", 1),
    ("counters/port_xmit_constraint_errors", "node_infiniband_port_constraint_errors_transmitted_total", 1),
    ("counters/port_rcv_data", "node_infiniband_port_data_received_bytes_total", WORD),
    ("counters/port_xmit_data", "node_infiniband_port_data_transmitted_bytes_total", WORD),
    ("counters/port_rcv_discards", "node_infiniband_port_discards_received_total", 1),
    ("counters/port_xmit_discards", "node_infiniband_port_discards_transmitted_total", 1),
    ("counters/port_rcv_errors", "node_infiniband_port_errors_received_total", 1),
    ("counters/port_rcv_packets", "node_infiniband_port_packets_received_total", 1),
    ("counters/port_xmit_packets", "node_infiniband_port_packets_transmitted_total", 1),
    ("counters/port_xmit_wait", "node_infiniband_port_transmit_wait_total", 1),
    ("counters/unicast_rcv_packets", "node_infiniband_unicast_packets_received_total", 1),
    ("counters/unicast_xmit_packets", "node_infiniband_unicast_packets_transmitted_total", 1),
    ("counters/port_rcv_remote_physical_errors", "node_infiniband_port_receive_remote_physical_errors_total", 1),
    ("counters/port_rcv_switch_relay_errors", "node_infiniband_port_receive_switch_relay_errors_total", 1),
    ("counters/symbol_error", "node_infiniband_symbol_error_total", 1),
    ("counters/VL15_dropped", "node_infiniband_vl15_dropped_total", 1),
];

impl Collector for Infiniband {
    fn name(&self) -> &'static str {
        "infiniband"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/infiniband", ctx.sys);
        for device in ctx.names(&folder).map_err(CollectError::missing_is_no_data)? {
            let path = format!("{folder}/{device}");
            let read = |file| ctx.attribute(&path, file).map(Option::unwrap_or_default);
            let (board, firmware, kind) = (read("board_id")?, read("fw_ver")?, read("hca_type")?);
            let labels = [("board_id", board.as_str()), ("device", &device), ("firmware_version", &firmware), ("hca_type", &kind)];
            out.gauge("node_infiniband_info", "Attributes of the adapter that are no numbers.", &labels, 1.0);
            for (_, number) in ctx.numbered(&format!("{path}/ports"), "") {
                port(ctx, out, &format!("{path}/ports/{number}"), &[("device", &device), ("port", &number)])?;
            }
        }
        Ok(())
    }
}

fn port(ctx: &Ctx, out: &mut Exposition, path: &str, labels: &[(&str, &str)]) -> Collected {
    for (file, name) in [("state", "node_infiniband_state_id"), ("phys_state", "node_infiniband_physical_state_id")] {
        let text = ctx.join(path, file)?;
        let number = text.split_once(':').and_then(|(number, _)| number.trim().parse().ok());
        let number = number.ok_or_else(|| CollectError::parse(format!("{path}/{file}"), "no number before a colon"))?;
        out.gauge(name, "State of the port, as a number.", labels, number);
    }
    let text = ctx.join(path, "rate")?;
    let gigabits = text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
    let gigabits = gigabits.ok_or_else(|| CollectError::parse(format!("{path}/rate"), "no number at the start"))?;
    out.gauge(
        "node_infiniband_rate_bytes_per_second",
        "Highest speed of the port, in bytes per second.",
        labels,
        (gigabits * GIGABIT).trunc(),
    );
    for (file, name, factor) in COUNTERS {
        // A port without performance management says `N/A`.
        if let Some(count) = ctx.attribute(path, file)?.as_deref().and_then(parse_unsigned) {
            out.counter(name, "A counter of the port.", labels, count.wrapping_mul(factor) as f64);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn a_port() {
        let files = [
            ("sys/class/infiniband/mlx4_0/fw_ver", "2.31\n"),
            ("sys/class/infiniband/mlx4_0/ports/1/state", "4: ACTIVE\n"),
            ("sys/class/infiniband/mlx4_0/ports/1/phys_state", "5: LinkUp\n"),
            ("sys/class/infiniband/mlx4_0/ports/1/rate", "2.5 Gb/sec (1X SDR)\n"),
            ("sys/class/infiniband/mlx4_0/ports/1/counters/port_rcv_data", "10\n"),
            ("sys/class/infiniband/mlx4_0/ports/1/counters/symbol_error", "N/A (no PMA)\n"),
        ];
        check(
            "infiniband",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_infiniband_info gauge
            node_infiniband_info{board_id="",device="mlx4_0",firmware_version="2.31",hca_type=""} 1
            # TYPE node_infiniband_physical_state_id gauge
            node_infiniband_physical_state_id{device="mlx4_0",port="1"} 5
            # TYPE node_infiniband_port_data_received_bytes_total counter
            node_infiniband_port_data_received_bytes_total{device="mlx4_0",port="1"} 40
            # TYPE node_infiniband_rate_bytes_per_second gauge
            node_infiniband_rate_bytes_per_second{device="mlx4_0",port="1"} 3.125e+08
            # TYPE node_infiniband_state_id gauge
            node_infiniband_state_id{device="mlx4_0",port="1"} 4
        "#]],
        );
    }
}
