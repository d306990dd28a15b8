//! `buddyinfo`: free blocks of memory by size, which tells how fragmented memory is.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Buddyinfo;

impl Collector for Buddyinfo {
    fn name(&self) -> &'static str {
        "buddyinfo"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("buddyinfo")?;
        for line in text.lines() {
            // `Node 0, zone DMA 1 0 …`
            let mut fields = line.split_whitespace();
            let (Some("Node"), Some(node), Some("zone"), Some(zone)) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
                return Err(CollectError::parse("buddyinfo", format!("no node and zone in `{line}`")));
            };
            let node = node.trim_end_matches(',');
            for (size, field) in fields.enumerate() {
                let size = size.to_string();
                let labels = [("node", node), ("size", size.as_str()), ("zone", zone)];
                out.gauge(
                    "node_buddyinfo_blocks",
                    "Free blocks, by the power of two of their pages.",
                    &labels,
                    parse_float(field, "buddyinfo")?,
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
    fn zones_and_sizes() {
        check(
            "buddyinfo",
            &[("proc/buddyinfo", "Node 0, zone      DMA      1      0     3\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_buddyinfo_blocks gauge
            node_buddyinfo_blocks{node="0",size="0",zone="DMA"} 1
            node_buddyinfo_blocks{node="0",size="1",zone="DMA"} 0
            node_buddyinfo_blocks{node="0",size="2",zone="DMA"} 3
        "##]],
        );
        check(
            "buddyinfo",
            &[("proc/buddyinfo", "zone\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in buddyinfo: no node and zone in `zone`
        "#]],
        );
    }
}
