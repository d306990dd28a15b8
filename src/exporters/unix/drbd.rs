//! `drbd`: state and traffic of block devices that are mirrored over the network.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::{Exposition, Kind};

pub(super) struct Drbd;

/// Key, metric, type, factor and help text.
const NUMBERS: [(&str, &str, Kind, f64, &str); 12] = [
    ("ns", "node_drbd_network_sent_bytes_total", Kind::Counter, 1024.0, "Bytes sent."),
    ("nr", "node_drbd_network_received_bytes_total", Kind::Counter, 1.0, "Bytes received."),
    ("dw", "node_drbd_disk_written_bytes_total", Kind::Counter, 1024.0, "Bytes written to the local disk."),
    ("dr", "node_drbd_disk_read_bytes_total", Kind::Counter, 1024.0, "Bytes read from the local disk."),
    ("al", "node_drbd_activitylog_writes_total", Kind::Counter, 1.0, "Writes of the activity log."),
    ("bm", "node_drbd_bitmap_writes_total", Kind::Counter, 1.0, "Writes of the bitmap."),
    ("lo", "node_drbd_local_pending", Kind::Gauge, 1.0, "Requests the local disk has not answered."),
    ("pe", "node_drbd_remote_pending", Kind::Gauge, 1.0, "Requests the peer has not answered."),
    ("ua", "node_drbd_remote_unacknowledged", Kind::Gauge, 1.0, "Requests of the peer that were not answered."),
    ("ap", "node_drbd_application_pending", Kind::Gauge, 1.0, "Requests of programs that were not answered."),
    ("ep", "node_drbd_epochs", Kind::Gauge, 1.0, "Epochs in flight."),
    ("oos", "node_drbd_out_of_sync_bytes", Kind::Gauge, 1024.0, "Bytes known to differ."),
];
/// Key, metric, the state that counts as good, and help text. The value is `local/remote`.
const PAIRS: [(&str, &str, &str, &str); 2] = [
    ("ro", "node_drbd_node_role_is_primary", "Primary", "Whether the node is primary."),
    ("ds", "node_drbd_disk_state_is_up_to_date", "UpToDate", "Whether the disk is up to date."),
];

impl Collector for Drbd {
    fn name(&self) -> &'static str {
        "drbd"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("drbd").map_err(CollectError::missing_is_no_data)?;
        let mut device = "unknown".to_owned();
        for word in text.split_whitespace() {
            let Some((key, value)) = word.split_once(':').filter(|(_, value)| !value.contains(':')) else { continue };
            if value.is_empty() && key.parse::<u64>().is_ok() {
                device = format!("drbd{key}");
            } else if let Some((_, name, kind, factor, help)) = NUMBERS.iter().find(|(number, ..)| *number == key) {
                out.sample(*kind, name, help, &[("device", &device)], parse_float(value, "drbd")? * factor);
            } else if let Some((_, name, good, help)) = PAIRS.iter().find(|(pair, ..)| *pair == key) {
                let (local, remote) = value.split_once('/').ok_or_else(|| CollectError::parse("drbd", format!("no peer in `{word}`")))?;
                for (node, state) in [("local", local), ("remote", remote)] {
                    out.gauge(name, help, &[("device", &device), ("node", node)], f64::from(u8::from(state == *good)));
                }
            } else if key == "cs" {
                out.gauge(
                    "node_drbd_connected",
                    "Whether the peer is connected.",
                    &[("device", &device)],
                    f64::from(u8::from(value == "Connected")),
                );
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
    fn a_device() {
        let text = "version: 8.4.3 (api:1/proto:86-101)\n\n 1: cs:Connected ro:Primary/Secondary ds:UpToDate/Diskless C r-----\n    ns:17 nr:18 dw:19 oos:2\n";
        check(
            "drbd",
            &[("proc/drbd", text)],
            |_| {},
            &expect![[r##"
            # TYPE node_drbd_connected gauge
            node_drbd_connected{device="drbd1"} 1
            # TYPE node_drbd_disk_state_is_up_to_date gauge
            node_drbd_disk_state_is_up_to_date{device="drbd1",node="local"} 1
            node_drbd_disk_state_is_up_to_date{device="drbd1",node="remote"} 0
            # TYPE node_drbd_disk_written_bytes_total counter
            node_drbd_disk_written_bytes_total{device="drbd1"} 19456
            # TYPE node_drbd_network_received_bytes_total counter
            node_drbd_network_received_bytes_total{device="drbd1"} 18
            # TYPE node_drbd_network_sent_bytes_total counter
            node_drbd_network_sent_bytes_total{device="drbd1"} 17408
            # TYPE node_drbd_node_role_is_primary gauge
            node_drbd_node_role_is_primary{device="drbd1",node="local"} 1
            node_drbd_node_role_is_primary{device="drbd1",node="remote"} 0
            # TYPE node_drbd_out_of_sync_bytes gauge
            node_drbd_out_of_sync_bytes{device="drbd1"} 2048
        "##]],
        );
        check(
            "drbd",
            &[("proc/drbd", "ro:Primary\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in drbd: no peer in `ro:Primary`
        "#]],
        );
    }
}
