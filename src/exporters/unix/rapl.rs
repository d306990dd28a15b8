//! `rapl`: energy that parts of the processor used.

use std::collections::HashMap;

use super::Collector;
use super::context::{CollectError, Collected, Ctx, metric_name};
use crate::base::Exposition;

pub(super) struct Rapl;

impl Collector for Rapl {
    fn name(&self) -> &'static str {
        "rapl"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/powercap", ctx.sys);
        // The counters are for root only since they turned out to leak secrets.
        let no_data = |error: CollectError| if error.is_forbidden() { CollectError::NoData(error.to_string()) } else { error };
        let mut used: HashMap<String, u64> = HashMap::new();
        for entry in ctx.names(&folder).map_err(|error| no_data(error.missing_is_no_data()))? {
            let path = format!("{folder}/{entry}");
            let Some(zone) = ctx.value(&path, "name") else { continue };
            // Zones of one name without a number are counted.
            let (name, index) = match zone.split_once('-').map(|(name, number)| (name, number.parse::<u64>())) {
                Some((name, Ok(number))) => (name.to_owned(), number),
                _ => (zone.clone(), used.get(&zone).copied().unwrap_or_default()),
            };
            let microjoules = ctx.number(&path, "energy_uj").map_err(no_data)?;
            let metric = format!("node_rapl_{}_joules_total", metric_name(&name));
            let labels = [("index", index.to_string()), ("path", path)];
            let labels = labels.each_ref().map(|(label, value)| (*label, value.as_str()));
            out.counter(&metric, "Energy the zone used, in joules.", &labels, microjoules as f64 / 1e6);
            used.insert(name, index.saturating_add(1));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::context::metric_name;
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn zones() {
        let files = [
            ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
            ("sys/class/powercap/intel-rapl:0/energy_uj", "240422366267\n"),
            ("sys/class/powercap/intel-rapl:0:0/name", "core\n"),
            ("sys/class/powercap/intel-rapl:0:0/energy_uj", "118821284256\n"),
            ("sys/class/powercap/intel-rapl:1:0/name", "core\n"),
            ("sys/class/powercap/intel-rapl:1:0/energy_uj", "1\n"),
            ("sys/class/powercap/intel-rapl/", ""),
        ];
        check(
            "rapl",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_rapl_core_joules_total counter
            node_rapl_core_joules_total{index="0",path="DIR/sys/class/powercap/intel-rapl:0:0"} 118821.284256
            node_rapl_core_joules_total{index="1",path="DIR/sys/class/powercap/intel-rapl:1:0"} 1e-06
            # TYPE node_rapl_package_joules_total counter
            node_rapl_package_joules_total{index="0",path="DIR/sys/class/powercap/intel-rapl:0"} 240422.366267
        "#]],
        );
    }

    #[test]
    fn names() {
        for (zone, expected) in [("psys", "psys"), ("dram--x", "dram_x"), ("a_b", "a_b"), ("a_-_b", "a_b"), ("x:", "x_")] {
            assert_eq!(metric_name(zone), expected);
        }
    }
}
