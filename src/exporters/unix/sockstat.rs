//! `sockstat`: sockets in use, by protocol.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, page_size, parse_float};
use crate::base::Exposition;

pub(super) struct Sockstat;

/// The figures that become metrics; a kernel may add others.
const FIGURES: [&str; 6] = ["inuse", "orphan", "tw", "alloc", "mem", "memory"];

impl Collector for Sockstat {
    fn name(&self) -> &'static str {
        "sockstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        for file in ["net/sockstat", "net/sockstat6"] {
            match ctx.proc(file) {
                Ok(text) => text.lines().try_for_each(|line| protocol(line, file, out))?,
                // That version of the protocol is switched off.
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn protocol(line: &str, file: &str, out: &mut Exposition) -> Collected {
    let (protocol, rest) = line.split_once(": ").ok_or_else(|| CollectError::parse(file, format!("no protocol in `{line}`")))?;
    let mut fields = rest.split_whitespace();
    let mut name = String::new();
    let mut used = false;
    while let Some(key) = fields.next() {
        let field = fields.next().ok_or_else(|| CollectError::parse(file, format!("no value for {key} in `{line}`")))?;
        let value = parse_float(field, file)?;
        if protocol == "sockets" {
            if key == "used" {
                out.gauge("node_sockstat_sockets_used", "Sockets in use.", &[], value);
            }
            continue;
        }
        used |= key == "inuse";
        if FIGURES.contains(&key) {
            add(&mut name, protocol, key, value, out);
        }
        if key == "mem" {
            add(&mut name, protocol, "mem_bytes", value * page_size(), out);
        }
    }
    if !used && protocol != "sockets" {
        add(&mut name, protocol, "inuse", 0.0, out);
    }
    Ok(())
}

fn add(name: &mut String, protocol: &str, key: &str, value: f64, out: &mut Exposition) {
    name.clear();
    for part in ["node_sockstat_", protocol, "_", key] {
        name.push_str(part);
    }
    out.gauge(name, "Sockets of the protocol, by state.", &[], value);
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn protocols_and_states() {
        let files = [
            ("proc/net/sockstat", "sockets: used 229\nTCP: inuse 4 orphan 0 tw 4 alloc 17 mem 0\nFRAG: inuse 0 memory 7\n"),
            ("proc/net/sockstat6", "TCP6: inuse 17\n"),
        ];
        check(
            "sockstat",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_sockstat_FRAG_inuse gauge
            node_sockstat_FRAG_inuse 0
            # TYPE node_sockstat_FRAG_memory gauge
            node_sockstat_FRAG_memory 7
            # TYPE node_sockstat_TCP6_inuse gauge
            node_sockstat_TCP6_inuse 17
            # TYPE node_sockstat_TCP_alloc gauge
            node_sockstat_TCP_alloc 17
            # TYPE node_sockstat_TCP_inuse gauge
            node_sockstat_TCP_inuse 4
            # TYPE node_sockstat_TCP_mem gauge
            node_sockstat_TCP_mem 0
            # TYPE node_sockstat_TCP_mem_bytes gauge
            node_sockstat_TCP_mem_bytes 0
            # TYPE node_sockstat_TCP_orphan gauge
            node_sockstat_TCP_orphan 0
            # TYPE node_sockstat_TCP_tw gauge
            node_sockstat_TCP_tw 4
            # TYPE node_sockstat_sockets_used gauge
            node_sockstat_sockets_used 229
        "#]],
        );
        check(
            "sockstat",
            &[("proc/net/sockstat", "TCP: inuse\n")],
            |_| {},
            &expect!["error: unexpected content in net/sockstat: no value for inuse in `TCP: inuse`\n"],
        );
    }
}
