//! `fibrechannel`: state and counters of Fibre Channel ports.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_unsigned};
use crate::base::Exposition;

pub(super) struct Fibrechannel;

/// Labels of the port, which are files of the same name.
const LABELS: [&str; 10] = [
    "dev_loss_tmo",
    "fabric_name",
    "port_id",
    "port_name",
    "port_state",
    "port_type",
    "speed",
    "supported_classes",
    "supported_speeds",
    "symbolic_name",
];

/// File and metric. A port that does not count something says so with all bits set.
const COUNTERS: [(&str, &str); 14] = [
    ("dumped_frames", "node_fibrechannel_dumped_frames_total"),
    ("error_frames", "node_fibrechannel_error_frames_total"),
    ("invalid_crc_count", "node_fibrechannel_invalid_crc_total"),
    ("rx_frames", "node_fibrechannel_rx_frames_total"),
    ("rx_words", "node_fibrechannel_rx_words_total"),
    ("tx_frames", "node_fibrechannel_tx_frames_total"),
    ("tx_words", "node_fibrechannel_tx_words_total"),
    ("seconds_since_last_reset", "node_fibrechannel_seconds_since_last_reset_total"),
    ("invalid_tx_word_count", "node_fibrechannel_invalid_tx_words_total"),
    ("link_failure_count", "node_fibrechannel_link_failure_total"),
    ("loss_of_sync_count", "node_fibrechannel_loss_of_sync_total"),
    ("loss_of_signal_count", "node_fibrechannel_loss_of_signal_total"),
    ("nos_count", "node_fibrechannel_nos_total"),
    ("fcp_packet_aborts", "node_fibrechannel_fcp_packet_aborts_total"),
];

impl Collector for Fibrechannel {
    fn name(&self) -> &'static str {
        "fibrechannel"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/fc_host", ctx.sys);
        for host in ctx.names(&folder).map_err(CollectError::missing_is_no_data)? {
            let path = format!("{folder}/{host}");
            let mut values = Vec::with_capacity(LABELS.len() + 1);
            for label in LABELS {
                let value = ctx.attribute(&path, label)?.unwrap_or_default();
                // Numbers of the fabric lead with `0x`, which is no part of them.
                let bare = matches!(label, "port_id" | "port_name" | "fabric_name") && value.len() > 2;
                values.push((label, if bare { value.get(2..).unwrap_or_default().to_owned() } else { value }));
            }
            let mut labels: Vec<(&str, &str)> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
            labels.push(("fc_host", &host));
            out.gauge("node_fibrechannel_info", "Attributes of the port that are no numbers.", &labels, 1.0);
            for (file, name) in COUNTERS {
                let Some(text) = ctx.attribute(&path, &format!("statistics/{file}"))? else { continue };
                if let Some(count) = parse_unsigned(&text).filter(|count| *count != u64::MAX) {
                    out.counter(name, "A counter of the port.", &[("fc_host", &host)], count as f64);
                }
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
    fn labels_and_counters() {
        let files = [
            ("sys/class/fc_host/host0/port_id", "0x000002\n"),
            ("sys/class/fc_host/host0/port_state", "Online\n"),
            ("sys/class/fc_host/host0/statistics/rx_frames", "0x1f\n"),
            ("sys/class/fc_host/host0/statistics/nos_count", "0xffffffffffffffff\n"),
        ];
        check(
            "fibrechannel",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_fibrechannel_info gauge
            node_fibrechannel_info{dev_loss_tmo="",fabric_name="",fc_host="host0",port_id="000002",port_name="",port_state="Online",port_type="",speed="",supported_classes="",supported_speeds="",symbolic_name=""} 1
            # TYPE node_fibrechannel_rx_frames_total counter
            node_fibrechannel_rx_frames_total{fc_host="host0"} 31
        "#]],
        );
    }
}
