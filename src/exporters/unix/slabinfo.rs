//! `slabinfo`: the kernel's caches of small objects.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Slabinfo;

/// Metrics in the order of the columns.
const COLUMNS: [(&str, &str); 5] = [
    ("node_slabinfo_active_objects", "Objects in use."),
    ("node_slabinfo_objects", "Objects there is room for."),
    ("node_slabinfo_object_size_bytes", "Size of an object, in bytes."),
    ("node_slabinfo_objects_per_slab", "Objects in a slab."),
    ("node_slabinfo_pages_per_slab", "Pages of a slab."),
];

impl Collector for Slabinfo {
    fn name(&self) -> &'static str {
        "slabinfo"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("slabinfo")?;
        for line in text.lines().filter(|line| !line.starts_with("slabinfo -") && !line.starts_with('#')) {
            let mut fields = line.split_whitespace();
            let slab = fields.next().unwrap_or_default();
            for (name, help) in COLUMNS {
                let field = fields.next().ok_or_else(|| CollectError::parse("slabinfo", format!("fewer than 6 columns in `{line}`")))?;
                out.gauge(name, help, &[("slab", slab)], parse_float(field, "slabinfo")?);
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
    fn caches() {
        let text = "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize>\ntw_sock_TCP          704    864    256   32    2 : tunables    0    0    0 : slabdata     27     27      0\n";
        check(
            "slabinfo",
            &[("proc/slabinfo", text)],
            |_| {},
            &expect![[r##"
            # TYPE node_slabinfo_active_objects gauge
            node_slabinfo_active_objects{slab="tw_sock_TCP"} 704
            # TYPE node_slabinfo_object_size_bytes gauge
            node_slabinfo_object_size_bytes{slab="tw_sock_TCP"} 256
            # TYPE node_slabinfo_objects gauge
            node_slabinfo_objects{slab="tw_sock_TCP"} 864
            # TYPE node_slabinfo_objects_per_slab gauge
            node_slabinfo_objects_per_slab{slab="tw_sock_TCP"} 32
            # TYPE node_slabinfo_pages_per_slab gauge
            node_slabinfo_pages_per_slab{slab="tw_sock_TCP"} 2
        "##]],
        );
        check(
            "slabinfo",
            &[("proc/slabinfo", "x 1\n")],
            |_| {},
            &expect![[r##"
            # TYPE node_slabinfo_active_objects gauge
            node_slabinfo_active_objects{slab="x"} 1
            error: unexpected content in slabinfo: fewer than 6 columns in `x 1`
        "##]],
        );
    }
}
