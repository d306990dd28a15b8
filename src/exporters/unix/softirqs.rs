//! `softirqs`: deferred interrupt work by processor and kind.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Softirqs;

impl Collector for Softirqs {
    fn name(&self) -> &'static str {
        "softirqs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("softirqs")?;
        for line in text.lines().skip(1) {
            let (kind, counts) =
                line.trim_start().split_once(':').ok_or_else(|| CollectError::parse("softirqs", format!("no kind in `{line}`")))?;
            for (cpu, count) in counts.split_whitespace().enumerate() {
                let labels = [("cpu", cpu.to_string()), ("type", kind.to_owned())];
                let labels = labels.each_ref().map(|(label, value)| (*label, value.as_str()));
                out.counter(
                    "node_softirqs_functions_total",
                    "Deferred interrupt work, by processor and kind.",
                    &labels,
                    parse_float(count, "softirqs")?,
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
    fn kinds_and_processors() {
        check(
            "softirqs",
            &[("proc/softirqs", "                CPU0       CPU1\n      HI:          7          1\n  NET_RX:     424191     108342\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_softirqs_functions_total counter
            node_softirqs_functions_total{cpu="0",type="HI"} 7
            node_softirqs_functions_total{cpu="0",type="NET_RX"} 424191
            node_softirqs_functions_total{cpu="1",type="HI"} 1
            node_softirqs_functions_total{cpu="1",type="NET_RX"} 108342
        "##]],
        );
    }
}
