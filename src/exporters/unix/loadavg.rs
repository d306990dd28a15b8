//! `loadavg`: the three load averages.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Loadavg;

const AVERAGES: [(&str, &str); 3] = [
    ("node_load1", "Load average over one minute."),
    ("node_load5", "Load average over five minutes."),
    ("node_load15", "Load average over fifteen minutes."),
];

impl Collector for Loadavg {
    fn name(&self) -> &'static str {
        "loadavg"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("loadavg")?;
        let mut fields = text.split_whitespace();
        for (name, help) in AVERAGES {
            let field = fields.next().ok_or_else(|| CollectError::parse("loadavg", "fewer than 3 averages"))?;
            out.gauge(name, help, &[], parse_float(field, "loadavg")?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn reads_three_averages() {
        check(
            "loadavg",
            &[("proc/loadavg", "0.21 0.37 12.39 1/719 19737\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_load1 gauge
            node_load1 0.21
            # TYPE node_load15 gauge
            node_load15 12.39
            # TYPE node_load5 gauge
            node_load5 0.37
        "#]],
        );
        check(
            "loadavg",
            &[("proc/loadavg", "x\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in loadavg: `x` is no number
        "#]],
        );
    }
}
