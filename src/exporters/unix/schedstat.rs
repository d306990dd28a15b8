//! `schedstat`: how long each processor ran and how long work waited for it.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Schedstat;

/// Column after the processor's name, metric, factor and help text.
const FIGURES: [(usize, &str, f64, &str); 3] = [
    (6, "node_schedstat_running_seconds_total", 1e9, "Seconds the processor ran something."),
    (7, "node_schedstat_waiting_seconds_total", 1e9, "Seconds something waited for the processor."),
    (8, "node_schedstat_timeslices_total", 1.0, "Time slices the processor ran."),
];

impl Collector for Schedstat {
    fn name(&self) -> &'static str {
        "schedstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("schedstat").map_err(CollectError::missing_is_no_data)?;
        for line in text.lines() {
            let Some((cpu, figures)) = line.strip_prefix("cpu").and_then(|rest| rest.split_once(' ')) else { continue };
            let figures: Vec<&str> = figures.split_whitespace().collect();
            for (column, name, unit, help) in FIGURES {
                let Some(field) = figures.get(column) else { continue };
                out.counter(name, help, &[("cpu", cpu)], parse_float(field, "schedstat")? / unit);
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
    fn one_line_per_processor() {
        let text = "version 15\ntimestamp 15819019232\ncpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2045936778163039 343796328169361 4767485306\ndomain0 00000000,00000003 2 0\n";
        check(
            "schedstat",
            &[("proc/schedstat", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_schedstat_running_seconds_total counter
            node_schedstat_running_seconds_total{cpu="0"} 2.045936778163039e+06
            # TYPE node_schedstat_timeslices_total counter
            node_schedstat_timeslices_total{cpu="0"} 4.767485306e+09
            # TYPE node_schedstat_waiting_seconds_total counter
            node_schedstat_waiting_seconds_total{cpu="0"} 343796.328169361
        "#]],
        );
    }
}
