//! `lnstat`: counters of the network caches.

use super::Collector;
use super::context::{Collected, Ctx, parse_hex};
use crate::base::Exposition;

pub(super) struct Lnstat;

impl Collector for Lnstat {
    fn name(&self) -> &'static str {
        "lnstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/net/stat", ctx.proc);
        for file in ctx.names(&folder).unwrap_or_default() {
            let text = ctx.join(&folder, &file)?;
            let mut lines = text.lines();
            let names: Vec<String> =
                lines.next().unwrap_or_default().split_whitespace().map(|name| format!("node_lnstat_{name}_total")).collect();
            for (cpu, line) in lines.enumerate() {
                let cpu = cpu.to_string();
                for (name, field) in names.iter().zip(line.split_whitespace()) {
                    let labels = [("cpu", cpu.as_str()), ("subsystem", &file)];
                    out.counter(name, "A counter of a network cache.", &labels, parse_hex(field, &file)? as f64);
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
    fn a_line_per_processor() {
        check(
            "lnstat",
            &[("proc/net/stat/arp_cache", "entries  allocs\n00000014  0000000a\n00000014  00000001\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_lnstat_allocs_total counter
            node_lnstat_allocs_total{cpu="0",subsystem="arp_cache"} 10
            node_lnstat_allocs_total{cpu="1",subsystem="arp_cache"} 1
            # TYPE node_lnstat_entries_total counter
            node_lnstat_entries_total{cpu="0",subsystem="arp_cache"} 20
            node_lnstat_entries_total{cpu="1",subsystem="arp_cache"} 20
        "##]],
        );
        check(
            "lnstat",
            &[("proc/net/stat/arp_cache", "entries\nx\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in arp_cache: `x` is no hexadecimal number
        "#]],
        );
    }
}
