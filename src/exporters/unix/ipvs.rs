//! `ipvs`: connections and traffic of virtual servers, and the state of their backends.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Collector;
use super::config::{ConfigError, UnixConfig};
use super::context::{CollectError, Collected, Ctx, parse_float, parse_hex};
use crate::base::Exposition;

/// Labels that tell backends apart, in alphabetical order.
const LABELS: [&str; 6] = ["local_address", "local_mark", "local_port", "proto", "remote_address", "remote_port"];

const TOTALS: [(&str, &str); 5] = [
    ("node_ipvs_connections_total", "Connections made."),
    ("node_ipvs_incoming_packets_total", "Packets that came in."),
    ("node_ipvs_outgoing_packets_total", "Packets that went out."),
    ("node_ipvs_incoming_bytes_total", "Bytes that came in."),
    ("node_ipvs_outgoing_bytes_total", "Bytes that went out."),
];
const BACKENDS: [(&str, &str); 3] = [
    ("node_ipvs_backend_weight", "Weight of the backend."),
    ("node_ipvs_backend_connections_active", "Active connections of the backend."),
    ("node_ipvs_backend_connections_inactive", "Inactive connections of the backend."),
];

struct Ipvs {
    /// Which of [`LABELS`] are used.
    used: [bool; LABELS.len()],
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let wanted = &config.ipvs.backend_labels;
    if let Some(unknown) = wanted.iter().find(|label| !label.is_empty() && !LABELS.contains(&label.as_str())) {
        return Err(ConfigError::Value { option: "ipvs.backend_labels", reason: format!("`{unknown}` is none of {}", LABELS.join(", ")) });
    }
    Ok(Box::new(Ipvs { used: LABELS.map(|label| wanted.is_empty() || wanted.iter().any(|used| used == label)) }))
}

impl Collector for Ipvs {
    fn name(&self) -> &'static str {
        "ipvs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let file = "net/ip_vs_stats";
        let text = ctx.proc(file).map_err(CollectError::missing_is_no_data)?;
        let mut fields = text.lines().nth(2).unwrap_or_default().split_whitespace();
        for (name, help) in TOTALS {
            let field = fields.next().ok_or_else(|| CollectError::parse(file, "fewer than 5 totals"))?;
            out.counter(name, help, &[], parse_hex(field, file)? as f64);
        }
        let mut sums: BTreeMap<Vec<String>, [f64; 3]> = BTreeMap::new();
        for (labels, figures) in backends(&ctx.proc("net/ip_vs")?)? {
            let key = labels.into_iter().zip(self.used).filter_map(|(label, used)| used.then_some(label)).collect();
            let sum = sums.entry(key).or_default();
            sum.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        }
        for (values, figures) in &sums {
            let names = LABELS.iter().zip(self.used).filter_map(|(label, used)| used.then_some(*label));
            let labels: Vec<(&str, &str)> = names.zip(values.iter().map(String::as_str)).collect();
            for ((name, help), figure) in BACKENDS.into_iter().zip(figures) {
                out.gauge(name, help, &labels, *figure);
            }
        }
        Ok(())
    }
}

type Backend = ([String; LABELS.len()], [f64; 3]);

/// Lines of servers, each followed by lines `-> backend` with weight, active and inactive connections.
fn backends(text: &str) -> Collected<Vec<Backend>> {
    let file = "net/ip_vs";
    let mut found = Vec::new();
    let (mut protocol, mut mark, mut address, mut port) = ("", "", String::new(), String::new());
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        match fields.as_slice() {
            [proto @ ("TCP" | "UDP"), server, ..] => {
                (protocol, mark) = (proto, "");
                (address, port) = endpoint(server)?;
            }
            ["FWM", number, ..] => (protocol, mark, address, port) = ("FWM", number, String::new(), "0".to_owned()),
            ["->", "RemoteAddress:Port", ..] => {}
            ["->", remote, _, weight, active, inactive, ..] => {
                let (remote_address, remote_port) = endpoint(remote)?;
                let labels = [address.clone(), mark.to_owned(), port.clone(), protocol.to_owned(), remote_address, remote_port];
                found.push((labels, [parse_float(weight, file)?, parse_float(active, file)?, parse_float(inactive, file)?]));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// `0A000001:0050` or `[fe80:…:0001]:0050`, in hexadecimal figures.
fn endpoint(text: &str) -> Collected<(String, String)> {
    let parsed = text.rsplit_once(':').and_then(|(address, port)| {
        let address: IpAddr = match address.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?.into(),
            None => Ipv4Addr::from(u32::from_str_radix(address, 16).ok()?).into(),
        };
        Some((address.to_string(), u16::from_str_radix(port, 16).ok()?.to_string()))
    });
    parsed.ok_or_else(|| CollectError::parse("net/ip_vs", format!("`{text}` is no address with a port")))
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const STATS: (&str, &str) = (
        "proc/net/ip_vs_stats",
        "   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n       A        B        0               1F                0\n\n",
    );
    const TABLE: (&str, &str) = (
        "proc/net/ip_vs",
        "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n\
         TCP  C0A80016:0CEA wlc\n  -> C0A85216:0CEA      Tunnel  100    248        2\n  -> C0A85315:0CEA      Tunnel  100    248        1\n\
         FWM  10001000 wlc\n  -> [fe80:0000:0000:0000:0000:0000:0000:0001]:0000      Route   20     1        0\n",
    );

    #[test]
    fn totals_and_backends() {
        check(
            "ipvs",
            &[STATS, TABLE],
            |_| {},
            &expect![[r#"
            # TYPE node_ipvs_backend_connections_active gauge
            node_ipvs_backend_connections_active{local_address="",local_mark="10001000",local_port="0",proto="FWM",remote_address="fe80::1",remote_port="0"} 1
            node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.82.22",remote_port="3306"} 248
            node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.83.21",remote_port="3306"} 248
            # TYPE node_ipvs_backend_connections_inactive gauge
            node_ipvs_backend_connections_inactive{local_address="",local_mark="10001000",local_port="0",proto="FWM",remote_address="fe80::1",remote_port="0"} 0
            node_ipvs_backend_connections_inactive{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.82.22",remote_port="3306"} 2
            node_ipvs_backend_connections_inactive{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.83.21",remote_port="3306"} 1
            # TYPE node_ipvs_backend_weight gauge
            node_ipvs_backend_weight{local_address="",local_mark="10001000",local_port="0",proto="FWM",remote_address="fe80::1",remote_port="0"} 20
            node_ipvs_backend_weight{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.82.22",remote_port="3306"} 100
            node_ipvs_backend_weight{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.83.21",remote_port="3306"} 100
            # TYPE node_ipvs_connections_total counter
            node_ipvs_connections_total 10
            # TYPE node_ipvs_incoming_bytes_total counter
            node_ipvs_incoming_bytes_total 31
            # TYPE node_ipvs_incoming_packets_total counter
            node_ipvs_incoming_packets_total 11
            # TYPE node_ipvs_outgoing_bytes_total counter
            node_ipvs_outgoing_bytes_total 0
            # TYPE node_ipvs_outgoing_packets_total counter
            node_ipvs_outgoing_packets_total 0
        "#]],
        );
    }

    #[test]
    fn fewer_labels_sum_backends_up() {
        check(
            "ipvs",
            &[("proc/net/ip_vs_stats", "\n\n1 0 0 0 0\n"), TABLE],
            |config| config.ipvs.backend_labels = vec!["local_port".into()],
            &expect![[r#"
            # TYPE node_ipvs_backend_connections_active gauge
            node_ipvs_backend_connections_active{local_port="0"} 1
            node_ipvs_backend_connections_active{local_port="3306"} 496
            # TYPE node_ipvs_backend_connections_inactive gauge
            node_ipvs_backend_connections_inactive{local_port="0"} 0
            node_ipvs_backend_connections_inactive{local_port="3306"} 3
            # TYPE node_ipvs_backend_weight gauge
            node_ipvs_backend_weight{local_port="0"} 20
            node_ipvs_backend_weight{local_port="3306"} 200
            # TYPE node_ipvs_connections_total counter
            node_ipvs_connections_total 1
            # TYPE node_ipvs_incoming_bytes_total counter
            node_ipvs_incoming_bytes_total 0
            # TYPE node_ipvs_incoming_packets_total counter
            node_ipvs_incoming_packets_total 0
            # TYPE node_ipvs_outgoing_bytes_total counter
            node_ipvs_outgoing_bytes_total 0
            # TYPE node_ipvs_outgoing_packets_total counter
            node_ipvs_outgoing_packets_total 0
        "#]],
        );
        check(
            "ipvs",
            &[],
            |config| config.ipvs.backend_labels = vec!["colour".into()],
            &expect![[r#"
            config error: `ipvs.backend_labels` is not usable: `colour` is none of local_address, local_mark, local_port, proto, remote_address, remote_port
        "#]],
        );
    }
}
