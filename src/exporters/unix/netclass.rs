//! `netclass`: what sysfs says about network interfaces: link, speed, flags, addresses.

use std::path::Path;

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, parse_integer};
use crate::base::{Exposition, Kind};

/// Numeric attributes: file, metric and type.
const ATTRIBUTES: [(&str, &str, Kind); 16] = [
    ("addr_assign_type", "node_network_address_assign_type", Kind::Gauge),
    ("carrier", "node_network_carrier", Kind::Gauge),
    ("carrier_changes", "node_network_carrier_changes_total", Kind::Counter),
    ("carrier_up_count", "node_network_carrier_up_changes_total", Kind::Counter),
    ("carrier_down_count", "node_network_carrier_down_changes_total", Kind::Counter),
    ("dev_id", "node_network_device_id", Kind::Gauge),
    ("dormant", "node_network_dormant", Kind::Gauge),
    ("flags", "node_network_flags", Kind::Gauge),
    ("ifindex", "node_network_iface_id", Kind::Gauge),
    ("iflink", "node_network_iface_link", Kind::Gauge),
    ("link_mode", "node_network_iface_link_mode", Kind::Gauge),
    ("mtu", "node_network_mtu_bytes", Kind::Gauge),
    ("name_assign_type", "node_network_name_assign_type", Kind::Gauge),
    ("netdev_group", "node_network_net_dev_group", Kind::Gauge),
    ("tx_queue_len", "node_network_transmit_queue_length", Kind::Gauge),
    ("type", "node_network_protocol_type", Kind::Gauge),
];
const HELP: &str = "An attribute of the interface in sysfs.";

struct Netclass {
    ignored: Regex,
    skip_unknown_speed: bool,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let ignored = pattern("netclass.ignored_devices", &config.netclass.ignored_devices)?;
    Ok(Box::new(Netclass { ignored, skip_unknown_speed: config.netclass.ignore_invalid_speed_device }))
}

impl Collector for Netclass {
    fn name(&self) -> &'static str {
        "netclass"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/net", ctx.sys);
        let names = ctx
            .names(&folder)
            .map_err(|error| if error.is_forbidden() { CollectError::NoData(error.to_string()) } else { error.missing_is_no_data() })?;
        for device in names.iter().filter(|name| !self.ignored.is_match(name)) {
            let path = format!("{folder}/{device}");
            // `bonding_masters` is a file beside the interfaces.
            if Path::new(&path).is_dir() {
                self.interface(ctx, out, device, &path)?;
            }
        }
        Ok(())
    }
}

impl Netclass {
    fn interface(&self, ctx: &Ctx, out: &mut Exposition, device: &str, path: &str) -> Collected {
        let mut admin = "unknown";
        for (file, name, kind) in ATTRIBUTES {
            let Some(value) = ctx.attribute(path, file)?.as_deref().and_then(parse_integer) else { continue };
            out.sample(kind, name, HELP, &[("device", device)], value as f64);
            if file == "flags" {
                admin = if value & 1 == 1 { "up" } else { "down" };
            }
        }
        if let Some(megabits) = ctx.attribute(path, "speed")?.as_deref().and_then(parse_integer) {
            // A driver that does not know the speed says -1.
            if megabits >= 0 || !self.skip_unknown_speed {
                out.gauge(
                    "node_network_speed_bytes",
                    "Speed of the link, in bytes per second.",
                    &[("device", device)],
                    megabits.saturating_mul(125_000) as f64,
                );
            }
        }
        let text = |file| ctx.attribute(path, file).map(Option::unwrap_or_default);
        let (address, broadcast, duplex, alias, state) =
            (text("address")?, text("broadcast")?, text("duplex")?, text("ifalias")?, text("operstate")?);
        out.gauge("node_network_up", "Whether the interface is up.", &[("device", device)], f64::from(u8::from(state == "up")));
        let labels = [
            ("address", address.as_str()),
            ("adminstate", admin),
            ("broadcast", &broadcast),
            ("device", device),
            ("duplex", &duplex),
            ("ifalias", &alias),
            ("operstate", &state),
        ];
        out.gauge("node_network_info", "Attributes of the interface that are no numbers.", &labels, 1.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const FILES: [(&str, &str); 9] = [
        ("sys/class/net/bonding_masters", "bond0\n"),
        ("sys/class/net/eth0/address", "02:00:00:00:00:01\n"),
        ("sys/class/net/eth0/broadcast", "ff:ff:ff:ff:ff:ff\n"),
        ("sys/class/net/eth0/carrier_changes", "2\n"),
        ("sys/class/net/eth0/duplex", "full\n"),
        ("sys/class/net/eth0/flags", "0x1303\n"),
        ("sys/class/net/eth0/ifalias", "\n"),
        ("sys/class/net/eth0/operstate", "up\n"),
        ("sys/class/net/eth0/speed", "-1\n"),
    ];

    #[test]
    fn attributes_become_metrics() {
        check(
            "netclass",
            &FILES,
            |_| {},
            &expect![[r#"
            # TYPE node_network_carrier_changes_total counter
            node_network_carrier_changes_total{device="eth0"} 2
            # TYPE node_network_flags gauge
            node_network_flags{device="eth0"} 4867
            # TYPE node_network_info gauge
            node_network_info{address="02:00:00:00:00:01",adminstate="up",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="full",ifalias="",operstate="up"} 1
            # TYPE node_network_speed_bytes gauge
            node_network_speed_bytes{device="eth0"} -125000
            # TYPE node_network_up gauge
            node_network_up{device="eth0"} 1
        "#]],
        );
    }

    #[test]
    fn an_unknown_speed_and_a_device_can_be_left_out() {
        check(
            "netclass",
            &FILES[7..],
            |config| config.netclass.ignore_invalid_speed_device = true,
            &expect![[r#"
            # TYPE node_network_info gauge
            node_network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate="up"} 1
            # TYPE node_network_up gauge
            node_network_up{device="eth0"} 1
        "#]],
        );
        check("netclass", &FILES, |config| config.netclass.ignored_devices = "^eth".into(), &expect![""]);
    }
}
