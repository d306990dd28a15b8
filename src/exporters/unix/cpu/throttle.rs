//! How often heat slowed down a core or a package.

use std::collections::BTreeMap;

use crate::base::Exposition;
use crate::unix::context::Ctx;

/// Adds the counters of every processor that has them. Cores and packages are counted once, though several processors show them.
pub(super) fn collect(ctx: &Ctx, out: &mut Exposition) {
    let folder = format!("{}/devices/system/cpu", ctx.sys);
    let mut cores: BTreeMap<(u64, u64), Option<u64>> = BTreeMap::new();
    let mut packages: BTreeMap<u64, Option<u64>> = BTreeMap::new();
    for (_, name) in ctx.numbered(&folder, "cpu") {
        let cpu = format!("{folder}/{name}");
        let Ok(package) = ctx.number(&cpu, "topology/physical_package_id") else { continue };
        let Ok(core) = ctx.number(&cpu, "topology/core_id") else { continue };
        let count = |slot: &mut Option<u64>, file: &str| {
            if slot.is_none() {
                *slot = ctx.number(&cpu, file).ok();
            }
        };
        count(cores.entry((package, core)).or_default(), "thermal_throttle/core_throttle_count");
        count(packages.entry(package).or_default(), "thermal_throttle/package_throttle_count");
    }
    for ((package, core), count) in cores {
        let Some(count) = count else { continue };
        let labels = [("core", core.to_string()), ("package", package.to_string())];
        let labels = labels.each_ref().map(|(name, value)| (*name, value.as_str()));
        out.counter("node_cpu_core_throttles_total", "How often the core was throttled.", &labels, count as f64);
    }
    for (package, count) in packages {
        let Some(count) = count else { continue };
        out.counter(
            "node_cpu_package_throttles_total",
            "How often the package was throttled.",
            &[("package", &package.to_string())],
            count as f64,
        );
    }
}
