//! `netdev`: bytes, packets and errors of every network device.

use super::Collector;
use super::config::{ConfigError, DeviceFilter, UnixConfig};
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

/// Metrics in the order of the columns.
const COLUMNS: [&str; 16] = [
    "node_network_receive_bytes_total",
    "node_network_receive_packets_total",
    "node_network_receive_errs_total",
    "node_network_receive_drop_total",
    "node_network_receive_fifo_total",
    "node_network_receive_frame_total",
    "node_network_receive_compressed_total",
    "node_network_receive_multicast_total",
    "node_network_transmit_bytes_total",
    "node_network_transmit_packets_total",
    "node_network_transmit_errs_total",
    "node_network_transmit_drop_total",
    "node_network_transmit_fifo_total",
    "node_network_transmit_colls_total",
    "node_network_transmit_carrier_total",
    "node_network_transmit_compressed_total",
];

struct Netdev {
    filter: DeviceFilter,
    addresses: bool,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let options = &config.netdev;
    if !options.device_exclude.is_empty() && !options.device_include.is_empty() {
        return Err(ConfigError::Exclusive("netdev.device_exclude", "netdev.device_include"));
    }
    let filter = DeviceFilter::new(("netdev.device_exclude", &options.device_exclude), ("netdev.device_include", &options.device_include))?;
    Ok(Box::new(Netdev { filter, addresses: options.address_info }))
}

impl Collector for Netdev {
    fn name(&self) -> &'static str {
        "netdev"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("net/dev")?;
        for line in text.lines().skip(2) {
            // An alias such as `eth0:1` has a colon itself.
            let (device, figures) =
                line.rsplit_once(':').ok_or_else(|| CollectError::parse("net/dev", format!("no device in `{line}`")))?;
            let device = device.trim();
            if self.filter.ignores(device) {
                continue;
            }
            let mut figures = figures.split_whitespace();
            for name in COLUMNS {
                let field = figures.next().ok_or_else(|| CollectError::parse("net/dev", format!("fewer than 16 figures for {device}")))?;
                out.counter(name, "A column of /proc/net/dev.", &[("device", device)], parse_float(field, "net/dev")?);
            }
        }
        if self.addresses {
            addresses(out);
        }
        Ok(())
    }
}

fn addresses(out: &mut Exposition) {
    for (device, data) in &sysinfo::Networks::new_with_refreshed_list() {
        for network in data.ip_networks() {
            let (address, prefix) = (network.addr.to_string(), network.prefix.to_string());
            let labels = [("address", address.as_str()), ("device", device), ("netmask", &prefix), ("scope", scope(network.addr))];
            out.gauge("node_network_address_info", "An address of the device.", &labels, 1.0);
        }
    }
}

/// How far an address reaches.
fn scope(address: std::net::IpAddr) -> &'static str {
    let (link_local, interface_local) = match address {
        std::net::IpAddr::V4(v4) => (v4.is_loopback() || v4.is_link_local() || v4.octets()[..3] == [224, 0, 0], false),
        std::net::IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            (v6.is_loopback() || v6.is_unicast_link_local() || first & 0xff0f == 0xff02, first & 0xff0f == 0xff01)
        }
    };
    let broadcast = matches!(address, std::net::IpAddr::V4(v4) if v4.is_broadcast());
    if link_local {
        "link-local"
    } else if interface_local {
        "interface-local"
    } else if address.is_unspecified() || address.is_multicast() || broadcast {
        ""
    } else {
        "global"
    }
}

#[cfg(test)]
mod tests {
    use super::scope;
    use crate::unix::testing::check;
    use expect_test::expect;

    const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 435303245 1832522 0 0 0 0 0 0 435303245 1832522 0 0 0 0 0 0
eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
";

    #[test]
    fn columns_become_counters() {
        check(
            "netdev",
            &[("proc/net/dev", DEV)],
            |config| config.netdev.device_exclude = "^lo$".into(),
            &expect![[r#"
            # TYPE node_network_receive_bytes_total counter
            node_network_receive_bytes_total{device="eth0:1"} 1
            # TYPE node_network_receive_compressed_total counter
            node_network_receive_compressed_total{device="eth0:1"} 7
            # TYPE node_network_receive_drop_total counter
            node_network_receive_drop_total{device="eth0:1"} 4
            # TYPE node_network_receive_errs_total counter
            node_network_receive_errs_total{device="eth0:1"} 3
            # TYPE node_network_receive_fifo_total counter
            node_network_receive_fifo_total{device="eth0:1"} 5
            # TYPE node_network_receive_frame_total counter
            node_network_receive_frame_total{device="eth0:1"} 6
            # TYPE node_network_receive_multicast_total counter
            node_network_receive_multicast_total{device="eth0:1"} 8
            # TYPE node_network_receive_packets_total counter
            node_network_receive_packets_total{device="eth0:1"} 2
            # TYPE node_network_transmit_bytes_total counter
            node_network_transmit_bytes_total{device="eth0:1"} 9
            # TYPE node_network_transmit_carrier_total counter
            node_network_transmit_carrier_total{device="eth0:1"} 15
            # TYPE node_network_transmit_colls_total counter
            node_network_transmit_colls_total{device="eth0:1"} 14
            # TYPE node_network_transmit_compressed_total counter
            node_network_transmit_compressed_total{device="eth0:1"} 16
            # TYPE node_network_transmit_drop_total counter
            node_network_transmit_drop_total{device="eth0:1"} 12
            # TYPE node_network_transmit_errs_total counter
            node_network_transmit_errs_total{device="eth0:1"} 11
            # TYPE node_network_transmit_fifo_total counter
            node_network_transmit_fifo_total{device="eth0:1"} 13
            # TYPE node_network_transmit_packets_total counter
            node_network_transmit_packets_total{device="eth0:1"} 10
        "#]],
        );
    }

    #[test]
    fn both_filters_at_once_are_refused() {
        let configure = |config: &mut crate::unix::config::UnixConfig| {
            config.netdev.device_exclude = "a".into();
            config.netdev.device_include = "b".into();
        };
        check(
            "netdev",
            &[],
            configure,
            &expect![[r#"
            config error: `netdev.device_exclude` and `netdev.device_include` cannot be set together; keep one of them
        "#]],
        );
    }

    #[test]
    fn scopes() {
        let cases = [
            ("127.0.0.1", "link-local"),
            ("10.1.2.3", "global"),
            ("fe80::1", "link-local"),
            ("::1", "link-local"),
            ("2001:db8::1", "global"),
            ("ff01::1", "interface-local"),
            ("0.0.0.0", ""),
        ];
        for (address, expected) in cases {
            assert_eq!(scope(address.parse().expect("an address")), expected, "{address}");
        }
    }
}
