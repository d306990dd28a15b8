//! `meminfo`: every field of `/proc/meminfo`, in bytes where the kernel says kB.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Meminfo;

impl Collector for Meminfo {
    fn name(&self) -> &'static str {
        "meminfo"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("meminfo")?;
        let mut name = String::new();
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            let Some(key) = fields.next() else { continue };
            let field = fields.next().ok_or_else(|| CollectError::parse("meminfo", format!("no value in `{line}`")))?;
            let mut value = parse_float(field, "meminfo")?;
            name.clear();
            name.push_str("node_memory_");
            push_key(&mut name, key.strip_suffix(':').unwrap_or(key));
            if fields.next().is_some() {
                value *= 1024.0;
                name.push_str("_bytes");
            }
            if fields.next().is_some() {
                return Err(CollectError::parse("meminfo", format!("more than a value and a unit in `{line}`")));
            }
            out.gauge(&name, "A field of /proc/meminfo.", &[], value);
        }
        Ok(())
    }
}

/// `Active(anon)` becomes `Active_anon`.
fn push_key(name: &mut String, key: &str) {
    for character in key.chars() {
        match character {
            '(' => name.push('_'),
            ')' => {}
            other => name.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn fields_become_metrics() {
        let text = "MemTotal:        3742148 kB\n\nActive(anon):     100 kB\nHugePages_Total:       4\n";
        check(
            "meminfo",
            &[("proc/meminfo", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_memory_Active_anon_bytes gauge
            node_memory_Active_anon_bytes 102400
            # TYPE node_memory_HugePages_Total gauge
            node_memory_HugePages_Total 4
            # TYPE node_memory_MemTotal_bytes gauge
            node_memory_MemTotal_bytes 3.831959552e+09
        "#]],
        );
        check(
            "meminfo",
            &[("proc/meminfo", "MemTotal: 1 kB each\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in meminfo: more than a value and a unit in `MemTotal: 1 kB each`
        "#]],
        );
    }
}
