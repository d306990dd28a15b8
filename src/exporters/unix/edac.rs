//! `edac`: memory errors that were corrected, and those that were not.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Edac;

const HELP: [&str; 4] = [
    "Memory errors that were corrected.",
    "Memory errors that could not be corrected.",
    "Memory errors of a row that were corrected.",
    "Memory errors of a row that could not be corrected.",
];

impl Collector for Edac {
    fn name(&self) -> &'static str {
        "edac"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/devices/system/edac/mc", ctx.sys);
        for (number, name) in ctx.numbered(&folder, "mc") {
            let controller = format!("{folder}/{name}");
            let number = number.to_string();
            let label = ("controller", number.as_str());
            out.counter("node_edac_correctable_errors_total", HELP[0], &[label], ctx.number(&controller, "ce_count")? as f64);
            out.counter("node_edac_uncorrectable_errors_total", HELP[1], &[label], ctx.number(&controller, "ue_count")? as f64);
            let mut row = |row: &str, corrected: u64, uncorrected: u64| {
                let labels = [label, ("csrow", row)];
                out.counter("node_edac_csrow_correctable_errors_total", HELP[2], &labels, corrected as f64);
                out.counter("node_edac_csrow_uncorrectable_errors_total", HELP[3], &labels, uncorrected as f64);
            };
            row("unknown", ctx.number(&controller, "ce_noinfo_count")?, ctx.number(&controller, "ue_noinfo_count")?);
            for (index, name) in ctx.numbered(&controller, "csrow") {
                let folder = format!("{controller}/{name}");
                row(&index.to_string(), ctx.number(&folder, "ce_count")?, ctx.number(&folder, "ue_count")?);
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
    fn controllers_and_rows() {
        let files = [
            ("sys/devices/system/edac/mc/mc0/ce_count", "1\n"),
            ("sys/devices/system/edac/mc/mc0/ce_noinfo_count", "2\n"),
            ("sys/devices/system/edac/mc/mc0/ue_count", "5\n"),
            ("sys/devices/system/edac/mc/mc0/ue_noinfo_count", "6\n"),
            ("sys/devices/system/edac/mc/mc0/csrow0/ce_count", "3\n"),
            ("sys/devices/system/edac/mc/mc0/csrow0/ue_count", "4\n"),
        ];
        check(
            "edac",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_edac_correctable_errors_total counter
            node_edac_correctable_errors_total{controller="0"} 1
            # TYPE node_edac_csrow_correctable_errors_total counter
            node_edac_csrow_correctable_errors_total{controller="0",csrow="0"} 3
            node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"} 2
            # TYPE node_edac_csrow_uncorrectable_errors_total counter
            node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="0"} 4
            node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"} 6
            # TYPE node_edac_uncorrectable_errors_total counter
            node_edac_uncorrectable_errors_total{controller="0"} 5
        "#]],
        );
    }
}
