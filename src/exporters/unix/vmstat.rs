//! `vmstat`: counters of the virtual memory.

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

struct Vmstat {
    fields: Regex,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Vmstat { fields: pattern("vmstat.fields", &config.vmstat.fields)? }))
}

impl Collector for Vmstat {
    fn name(&self) -> &'static str {
        "vmstat"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("vmstat")?;
        let mut name = String::new();
        for line in text.lines() {
            let (field, value) = line.split_once(' ').ok_or_else(|| CollectError::parse("vmstat", format!("no value in `{line}`")))?;
            if self.fields.is_match(field) {
                name.clear();
                name.push_str("node_vmstat_");
                name.push_str(field);
                out.untyped(&name, "A field of /proc/vmstat.", &[], parse_float(value.trim(), "vmstat")?);
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
    fn wanted_fields_are_kept() {
        let text = "nr_free_pages 977769\npgpgin 7344136\npgmajfault 2\noom_kill 0\n";
        check(
            "vmstat",
            &[("proc/vmstat", text)],
            |_| {},
            &expect![[r#"
            # TYPE node_vmstat_oom_kill untyped
            node_vmstat_oom_kill 0
            # TYPE node_vmstat_pgmajfault untyped
            node_vmstat_pgmajfault 2
            # TYPE node_vmstat_pgpgin untyped
            node_vmstat_pgpgin 7.344136e+06
        "#]],
        );
        check(
            "vmstat",
            &[("proc/vmstat", text)],
            |config| config.vmstat.fields = "^nr_".into(),
            &expect![[r#"
            # TYPE node_vmstat_nr_free_pages untyped
            node_vmstat_nr_free_pages 977769
        "#]],
        );
    }
}
