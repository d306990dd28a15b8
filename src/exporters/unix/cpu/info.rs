//! What `/proc/cpuinfo` says about the processors.

use regex::Regex;

use crate::base::Exposition;
use crate::unix::context::{Collected, Ctx};

/// What of it is reported.
pub(super) struct Info {
    pub(super) flags: Option<Regex>,
    pub(super) bugs: Option<Regex>,
    /// Report the clock rate too, which the `cpufreq` collector knows better when it runs.
    pub(super) frequency: bool,
}

/// Keys of the file and the labels they become.
const LABELS: [(&str, &str); 10] = [
    ("cache size", "cachesize"),
    ("core id", "core"),
    ("processor", "cpu"),
    ("cpu family", "family"),
    ("microcode", "microcode"),
    ("model", "model"),
    ("model name", "model_name"),
    ("physical id", "package"),
    ("stepping", "stepping"),
    ("vendor_id", "vendor"),
];

impl Info {
    pub(super) fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("cpuinfo")?;
        let mut first = true;
        for block in text.split("\n\n") {
            if field(block, "processor").is_none() {
                continue;
            }
            let labels = LABELS.map(|(key, label)| (label, field(block, key).unwrap_or_default()));
            out.gauge("node_cpu_info", "What /proc/cpuinfo says about the processor.", &labels, 1.0);
            if let Some(megahertz) = field(block, "cpu MHz").and_then(|text| text.parse::<f64>().ok()).filter(|_| self.frequency) {
                let labels = [labels[1], labels[2], labels[7]];
                out.gauge("node_cpu_frequency_hertz", "Clock rate of the processor, in hertz.", &labels, megahertz * 1e6);
            }
            if std::mem::take(&mut first) {
                words(out, &self.flags, "node_cpu_flag_info", "flag", field(block, "flags").or_else(|| field(block, "Features")));
                words(out, &self.bugs, "node_cpu_bug_info", "bug", field(block, "bugs"));
            }
        }
        Ok(())
    }
}

fn words(out: &mut Exposition, filter: &Option<Regex>, name: &str, label: &str, list: Option<&str>) {
    let (Some(filter), Some(list)) = (filter, list) else { return };
    for word in list.split_whitespace().filter(|word| filter.is_match(word)) {
        out.gauge(name, "A word of this field of /proc/cpuinfo, taken from the first processor.", &[(label, word)], 1.0);
    }
}

fn field<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    block.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    const CPUINFO: &str = "processor\t: 0\nvendor_id\t: ACME\ncpu family\t: 6\nmodel\t\t: 142\nmodel name\t: ACME Fast\nstepping\t: 10\nmicrocode\t: 0xb4\ncpu MHz\t\t: 799.998\ncache size\t: 8192 KB\nphysical id\t: 0\ncore id\t\t: 1\nflags\t\t: fpu aes avx avx2\nbugs\t\t: meltdown\n\n";

    #[test]
    fn info_flags_bugs_and_frequency() {
        let configure = |config: &mut crate::unix::config::UnixConfig| {
            config.cpu.flags_include = "^(aes|avx.?)$".into();
            config.cpu.bugs_include = ".*".into();
            config.disable_collectors = vec!["cpufreq".into()];
        };
        check(
            "cpu",
            &[("proc/stat", ""), ("proc/cpuinfo", CPUINFO)],
            configure,
            &expect![[r#"
            # TYPE node_cpu_bug_info gauge
            node_cpu_bug_info{bug="meltdown"} 1
            # TYPE node_cpu_flag_info gauge
            node_cpu_flag_info{flag="aes"} 1
            node_cpu_flag_info{flag="avx"} 1
            node_cpu_flag_info{flag="avx2"} 1
            # TYPE node_cpu_frequency_hertz gauge
            node_cpu_frequency_hertz{core="1",cpu="0",package="0"} 7.99998e+08
            # TYPE node_cpu_info gauge
            node_cpu_info{cachesize="8192 KB",core="1",cpu="0",family="6",microcode="0xb4",model="142",model_name="ACME Fast",package="0",stepping="10",vendor="ACME"} 1
        "#]],
        );
    }

    #[test]
    fn a_bad_expression_is_named() {
        check(
            "cpu",
            &[],
            |config| config.cpu.flags_include = "(".into(),
            &expect![[r#"
            config error: `cpu.flags_include` is no valid regular expression: regex parse error:
                (
                ^
            error: unclosed group
        "#]],
        );
    }
}
