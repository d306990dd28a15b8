//! `nvme`: model, serial number and state of NVMe controllers.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Nvme;

/// File and label.
const FILES: [(&str, &str); 4] = [("firmware_rev", "firmware_revision"), ("model", "model"), ("serial", "serial"), ("state", "state")];

impl Collector for Nvme {
    fn name(&self) -> &'static str {
        "nvme"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/nvme", ctx.sys);
        for device in ctx.names(&folder).map_err(CollectError::missing_is_no_data)? {
            let path = format!("{folder}/{device}");
            let mut values = Vec::with_capacity(FILES.len());
            for (file, label) in FILES {
                values.push((label, ctx.join(&path, file)?.trim().to_owned()));
            }
            let mut labels: Vec<(&str, &str)> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
            labels.push(("device", &device));
            out.gauge("node_nvme_info", "Attributes of the controller that are no numbers.", &labels, 1.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn a_controller() {
        let files = [
            ("sys/class/nvme/nvme0/firmware_rev", "1B2QEXP7\n"),
            ("sys/class/nvme/nvme0/model", "ACME SSD      \n"),
            ("sys/class/nvme/nvme0/serial", "S680HF8N190894I\n"),
            ("sys/class/nvme/nvme0/state", "live\n"),
        ];
        check(
            "nvme",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_nvme_info gauge
            node_nvme_info{device="nvme0",firmware_revision="1B2QEXP7",model="ACME SSD",serial="S680HF8N190894I",state="live"} 1
        "#]],
        );
    }
}
