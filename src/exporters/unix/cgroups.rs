//! `cgroups`: control groups by controller.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Cgroups;

impl Collector for Cgroups {
    fn name(&self) -> &'static str {
        "cgroups"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("cgroups")?;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split_whitespace();
            let (Some(name), Some(_), Some(groups), Some(enabled)) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
                return Err(CollectError::parse("cgroups", format!("fewer than 4 columns in `{line}`")));
            };
            let labels = [("subsys_name", name)];
            out.gauge("node_cgroups_cgroups", "Control groups of the controller.", &labels, parse_float(groups, "cgroups")?);
            out.gauge("node_cgroups_enabled", "Whether the controller is on.", &labels, parse_float(enabled, "cgroups")?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn controllers() {
        check(
            "cgroups",
            &[("proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t3\t7\t1\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_cgroups_cgroups gauge
            node_cgroups_cgroups{subsys_name="cpu"} 7
            # TYPE node_cgroups_enabled gauge
            node_cgroups_enabled{subsys_name="cpu"} 1
        "##]],
        );
        check(
            "cgroups",
            &[("proc/cgroups", "cpu\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in cgroups: fewer than 4 columns in `cpu`
        "#]],
        );
    }
}
