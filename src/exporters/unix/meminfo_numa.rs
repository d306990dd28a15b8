//! `meminfo_numa`: memory of each node of a machine whose memory is not equally far from all processors.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct MeminfoNuma;

impl Collector for MeminfoNuma {
    fn name(&self) -> &'static str {
        "meminfo_numa"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/devices/system/node", ctx.sys);
        for (number, name) in ctx.numbered(&folder, "node") {
            let path = format!("{folder}/{name}");
            for line in ctx.join(&path, "meminfo")?.lines() {
                amount(line, out)?;
            }
            let number = number.to_string();
            for line in ctx.join(&path, "numastat")?.lines() {
                let Some((key, value)) = line.split_once(' ') else { continue };
                let metric = format!("node_memory_numa_{key}_total");
                out.counter(&metric, "Pages taken from the node, by reason.", &[("node", &number)], parse_float(value.trim(), "numastat")?);
            }
        }
        Ok(())
    }
}

/// `Node 0 Active(anon): 707915776 kB`.
fn amount(line: &str, out: &mut Exposition) -> Collected {
    let mut fields = line.split_whitespace();
    let Some(_) = fields.next() else { return Ok(()) };
    let (Some(node), Some(key), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(CollectError::parse("meminfo", format!("no value in `{line}`")));
    };
    let unit = match (fields.next(), fields.next()) {
        (None, _) => 1.0,
        (Some("kB"), None) => 1024.0,
        _ => return Err(CollectError::parse("meminfo", format!("another unit than kB in `{line}`"))),
    };
    let metric = format!("node_memory_numa_{}", key.trim_end_matches(':').replace('(', "_").replace(')', ""));
    out.gauge(&metric, "A field of the node's meminfo.", &[("node", node)], parse_float(value, "meminfo")? * unit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn nodes() {
        let files = [
            ("sys/devices/system/node/node0/meminfo", "\nNode 0 Active(anon):  100 kB\nNode 0 HugePages_Free:  2\n"),
            ("sys/devices/system/node/node0/numastat", "numa_hit 193460335812\nnuma_miss 12\n"),
        ];
        check(
            "meminfo_numa",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_memory_numa_Active_anon gauge
            node_memory_numa_Active_anon{node="0"} 102400
            # TYPE node_memory_numa_HugePages_Free gauge
            node_memory_numa_HugePages_Free{node="0"} 2
            # TYPE node_memory_numa_numa_hit_total counter
            node_memory_numa_numa_hit_total{node="0"} 1.93460335812e+11
            # TYPE node_memory_numa_numa_miss_total counter
            node_memory_numa_numa_miss_total{node="0"} 12
        "##]],
        );
    }
}
