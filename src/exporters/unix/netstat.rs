//! `netstat`: counters of the network protocols.

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

struct Netstat {
    fields: Regex,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Netstat { fields: pattern("netstat.fields", &config.netstat.fields)? }))
}

const PREFIX: &str = "node_netstat_";

impl Collector for Netstat {
    fn name(&self) -> &'static str {
        "netstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let mut name = String::from(PREFIX);
        for file in ["net/netstat", "net/snmp"] {
            self.pairs(&ctx.proc(file)?, file, &mut name, out)?;
        }
        match ctx.proc("net/snmp6") {
            Ok(text) => self.lines(&text, &mut name, out),
            // Without IPv6 there is no such file.
            Err(error) if error.is_missing() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Netstat {
    /// A line of names, then a line of values, both led by the protocol.
    fn pairs(&self, text: &str, file: &str, name: &mut String, out: &mut Exposition) -> Collected {
        let mut lines = text.lines();
        while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
            let (mut names, mut values) = (names.split(' '), values.split(' '));
            let protocol = names.next().unwrap_or_default().trim_end_matches(':');
            values.next();
            loop {
                match (names.next(), values.next()) {
                    (Some(field), Some(value)) => self.add(protocol, field, value, file, name, out)?,
                    (None, None) => break,
                    _ => return Err(CollectError::parse(file, format!("{protocol} has not as many values as names"))),
                }
            }
        }
        Ok(())
    }

    /// A name that carries its protocol up to the `6`, then a value.
    fn lines(&self, text: &str, name: &mut String, out: &mut Exposition) -> Collected {
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let (Some(field), Some(value)) = (fields.next(), fields.next()) else { continue };
            let Some(six) = field.find('6') else { continue };
            let (protocol, field) = field.split_at(six + 1);
            self.add(protocol, field, value, "net/snmp6", name, out)?;
        }
        Ok(())
    }

    fn add(&self, protocol: &str, field: &str, value: &str, file: &str, name: &mut String, out: &mut Exposition) -> Collected {
        name.truncate(PREFIX.len());
        name.push_str(protocol);
        name.push('_');
        name.push_str(field);
        if self.fields.is_match(&name[PREFIX.len()..]) {
            out.untyped(name, "A counter of a network protocol.", &[], parse_float(value, file)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const NETSTAT: (&str, &str) =
        ("proc/net/netstat", "TcpExt: SyncookiesSent Other ListenDrops\nTcpExt: 1 2 -3\nIpExt: InOctets\nIpExt: 6286396970\n");
    const SNMP: (&str, &str) = ("proc/net/snmp", "Ip: Forwarding DefaultTTL\nIp: 1 64\n");

    #[test]
    fn wanted_fields_are_kept() {
        check(
            "netstat",
            &[NETSTAT, SNMP, ("proc/net/snmp6", "Ip6InOctets  \t460\nUdp6InErrors 3\nNothing 4\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_netstat_Ip6_InOctets untyped
            node_netstat_Ip6_InOctets 460
            # TYPE node_netstat_IpExt_InOctets untyped
            node_netstat_IpExt_InOctets 6.28639697e+09
            # TYPE node_netstat_Ip_Forwarding untyped
            node_netstat_Ip_Forwarding 1
            # TYPE node_netstat_TcpExt_ListenDrops untyped
            node_netstat_TcpExt_ListenDrops -3
            # TYPE node_netstat_TcpExt_SyncookiesSent untyped
            node_netstat_TcpExt_SyncookiesSent 1
            # TYPE node_netstat_Udp6_InErrors untyped
            node_netstat_Udp6_InErrors 3
        "#]],
        );
    }

    #[test]
    fn the_expression_can_be_changed_and_ipv6_can_be_absent() {
        check(
            "netstat",
            &[NETSTAT, SNMP],
            |config| config.netstat.fields = "TTL$".into(),
            &expect![[r#"
            # TYPE node_netstat_Ip_DefaultTTL untyped
            node_netstat_Ip_DefaultTTL 64
        "#]],
        );
        check(
            "netstat",
            &[("proc/net/netstat", "Ip: A B\nIp: 1\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in net/netstat: Ip has not as many values as names
        "#]],
        );
    }
}
