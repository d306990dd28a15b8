//! `arp`: how many neighbours each device knows.

use std::collections::BTreeMap;

use super::Collector;
use super::config::{ConfigError, DeviceFilter, UnixConfig};
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

struct Arp {
    filter: DeviceFilter,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let filter = DeviceFilter::new(("arp.device_exclude", &config.arp.device_exclude), ("arp.device_include", &config.arp.device_include))?;
    Ok(Box::new(Arp { filter }))
}

impl Collector for Arp {
    fn name(&self) -> &'static str {
        "arp"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("net/arp")?;
        let mut entries: BTreeMap<&str, u32> = BTreeMap::new();
        for line in text.lines() {
            match line.split_whitespace().count() {
                0 | 9 => {} // An empty line, or the heading.
                6 => *entries.entry(line.split_whitespace().next_back().unwrap_or_default()).or_default() += 1,
                columns => return Err(CollectError::parse("net/arp", format!("{columns} columns instead of 6"))),
            }
        }
        for (device, count) in entries {
            if !self.filter.ignores(device) {
                out.gauge("node_arp_entries", "ARP entries of the device.", &[("device", device)], f64::from(count));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const TABLE: &str = "IP address       HW type     Flags       HW address            Mask     Device
10.0.0.1         0x1         0x2         02:00:00:00:00:01     *        eth0
10.0.0.2         0x1         0x2         02:00:00:00:00:02     *        eth0
172.17.0.2       0x1         0x2         02:00:00:00:00:03     *        docker0
";

    #[test]
    fn counts_by_device() {
        check(
            "arp",
            &[("proc/net/arp", TABLE)],
            |_| {},
            &expect![[r#"
                # TYPE node_arp_entries gauge
                node_arp_entries{device="docker0"} 1
                node_arp_entries{device="eth0"} 2
            "#]],
        );
    }

    #[test]
    fn filters_devices_and_refuses_what_it_does_not_know() {
        check(
            "arp",
            &[("proc/net/arp", TABLE)],
            |config| config.arp.device_exclude = "^eth".into(),
            &expect![[r#"
            # TYPE node_arp_entries gauge
            node_arp_entries{device="docker0"} 1
        "#]],
        );
        check("arp", &[("proc/net/arp", "a b c\n")], |_| {}, &expect!["error: unexpected content in net/arp: 3 columns instead of 6\n"]);
    }
}
