//! `conntrack`: how full the connection tracking table is and what became of lookups and insertions.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_hex};
use crate::base::Exposition;

pub(super) struct Conntrack;

/// Column, metric and help text of each statistic.
const STATISTICS: [(usize, &str, &str); 8] = [
    (2, "node_nf_conntrack_stat_found", "Lookups that found an entry."),
    (4, "node_nf_conntrack_stat_invalid", "Packets that cannot be tracked."),
    (5, "node_nf_conntrack_stat_ignore", "Packets that belong to an entry already."),
    (8, "node_nf_conntrack_stat_insert", "Entries put into the table."),
    (9, "node_nf_conntrack_stat_insert_failed", "Entries that could not be put into the table."),
    (10, "node_nf_conntrack_stat_drop", "Packets dropped because tracking failed."),
    (11, "node_nf_conntrack_stat_early_drop", "Entries dropped to make room for new ones."),
    (16, "node_nf_conntrack_stat_search_restart", "Lookups started again because the table was resized."),
];

impl Collector for Conntrack {
    fn name(&self) -> &'static str {
        "conntrack"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        collect(ctx, out).map_err(CollectError::missing_is_no_data)
    }
}

fn collect(ctx: &Ctx, out: &mut Exposition) -> Collected {
    let entries = ctx.number(&ctx.proc, "sys/net/netfilter/nf_conntrack_count")?;
    out.gauge("node_nf_conntrack_entries", "Entries in the connection tracking table.", &[], entries as f64);
    let limit = ctx.number(&ctx.proc, "sys/net/netfilter/nf_conntrack_max")?;
    out.gauge("node_nf_conntrack_entries_limit", "Entries the connection tracking table can hold.", &[], limit as f64);

    let text = ctx.proc("net/stat/nf_conntrack")?;
    let mut sums = [0_u64; STATISTICS.len()];
    for line in text.lines().skip(1) {
        let columns = line.split_whitespace().count();
        if !(16..=17).contains(&columns) {
            return Err(CollectError::parse("net/stat/nf_conntrack", format!("{columns} columns instead of 16 or 17")));
        }
        for (index, field) in line.split_whitespace().enumerate() {
            if let Some(at) = STATISTICS.iter().position(|(column, ..)| *column == index) {
                sums[at] = sums[at].wrapping_add(parse_hex(field, "net/stat/nf_conntrack")?);
            }
        }
    }
    for ((_, name, help), sum) in STATISTICS.iter().zip(sums) {
        out.gauge(name, help, &[], sum as f64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn sums_over_processors() {
        check(
            "conntrack",
            &[
                ("proc/sys/net/netfilter/nf_conntrack_count", "12\n"),
                ("proc/sys/net/netfilter/nf_conntrack_max", "65536\n"),
                (
                    "proc/net/stat/nf_conntrack",
                    "entries searched found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error expect_new expect_create expect_delete search_restart\n\
                     0c 0 1 0 2 a 0 0 4 5 6 7 0 0 0 0 9\n\
                     0c 0 1 0 2 b 0 0 4 5 6 7 0 0 0 0 1\n",
                ),
            ],
            |_| {},
            &expect![[r#"
                # TYPE node_nf_conntrack_entries gauge
                node_nf_conntrack_entries 12
                # TYPE node_nf_conntrack_entries_limit gauge
                node_nf_conntrack_entries_limit 65536
                # TYPE node_nf_conntrack_stat_drop gauge
                node_nf_conntrack_stat_drop 12
                # TYPE node_nf_conntrack_stat_early_drop gauge
                node_nf_conntrack_stat_early_drop 14
                # TYPE node_nf_conntrack_stat_found gauge
                node_nf_conntrack_stat_found 2
                # TYPE node_nf_conntrack_stat_ignore gauge
                node_nf_conntrack_stat_ignore 21
                # TYPE node_nf_conntrack_stat_insert gauge
                node_nf_conntrack_stat_insert 8
                # TYPE node_nf_conntrack_stat_insert_failed gauge
                node_nf_conntrack_stat_insert_failed 10
                # TYPE node_nf_conntrack_stat_invalid gauge
                node_nf_conntrack_stat_invalid 4
                # TYPE node_nf_conntrack_stat_search_restart gauge
                node_nf_conntrack_stat_search_restart 10
            "#]],
        );
    }

    #[test]
    fn a_kernel_without_tracking_has_no_data() {
        check(
            "conntrack",
            &[],
            |_| {},
            &expect![[r#"
            error: no data: cannot read DIR/proc/sys/net/netfilter/nf_conntrack_count: No such file or directory (os error 2)
        "#]],
        );
    }
}
