//! `sysctl`: chosen settings of the kernel.

use super::Collector;
use super::config::{ConfigError, UnixConfig};
use super::context::{CollectError, Collected, Ctx, metric_name, parse_float};
use crate::base::Exposition;

struct Sysctl {
    settings: Vec<Setting>,
}

/// A setting: its name, the names of its figures if it has several, and whether it is a text.
struct Setting {
    name: String,
    keys: Vec<String>,
    text: bool,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let numbers = config.sysctl.include.iter().map(|entry| (entry, false));
    let texts = config.sysctl.include_info.iter().map(|entry| (entry, true));
    let settings = numbers.chain(texts).map(|(entry, text)| {
        let (name, keys) =
            entry.split_once(':').map_or((entry.as_str(), Vec::new()), |(name, keys)| (name, keys.split(',').map(str::to_owned).collect()));
        Setting { name: name.to_owned(), keys, text }
    });
    Ok(Box::new(Sysctl { settings: settings.collect() }))
}

impl Collector for Sysctl {
    fn name(&self) -> &'static str {
        "sysctl"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        self.settings.iter().try_for_each(|setting| setting.collect(ctx, out))
    }
}

impl Setting {
    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let file = format!("sys/{}", self.name.replace('.', "/"));
        let text = ctx.proc(&file)?;
        let values: Vec<&str> = text.split_whitespace().collect();
        if values.is_empty() || (!self.keys.is_empty() && values.len() != self.keys.len()) {
            return Err(CollectError::parse(file, format!("{} values, but {} keys", values.len(), self.keys.len())));
        }
        let base = format!("node_sysctl_{}", metric_name(&self.name));
        for (index, value) in values.iter().enumerate() {
            let number = index.to_string();
            if self.text {
                let labels = [("index", number.as_str()), ("name", &self.name), ("value", value)];
                out.gauge("node_sysctl_info", "A setting of the kernel that is a text.", &labels, 1.0);
                continue;
            }
            let value = parse_float(value, &file)?;
            match (self.keys.get(index), values.len()) {
                (Some(key), _) => out.untyped(&format!("{base}_{key}"), "A setting of the kernel.", &[], value),
                (None, 1) => out.untyped(&base, "A setting of the kernel.", &[], value),
                (None, _) => out.untyped(&base, "A setting of the kernel.", &[("index", &number)], value),
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
    fn numbers_lists_and_texts() {
        let files = [
            ("proc/sys/kernel/threads-max", "7801\n"),
            ("proc/sys/fs/file-nr", "1024\t0\t1631329\n"),
            ("proc/sys/kernel/seccomp/actions_avail", "kill_process trap\n"),
        ];
        let configure = |config: &mut crate::unix::config::UnixConfig| {
            config.sysctl.include = ["kernel.threads-max", "fs.file-nr", "fs.file-nr:total,current,max"].map(str::to_owned).to_vec();
            config.sysctl.include_info = vec!["kernel.seccomp.actions_avail".to_owned()];
        };
        check(
            "sysctl",
            &files,
            configure,
            &expect![[r##"
            # TYPE node_sysctl_fs_file_nr untyped
            node_sysctl_fs_file_nr{index="0"} 1024
            node_sysctl_fs_file_nr{index="1"} 0
            node_sysctl_fs_file_nr{index="2"} 1.631329e+06
            # TYPE node_sysctl_fs_file_nr_current untyped
            node_sysctl_fs_file_nr_current 0
            # TYPE node_sysctl_fs_file_nr_max untyped
            node_sysctl_fs_file_nr_max 1.631329e+06
            # TYPE node_sysctl_fs_file_nr_total untyped
            node_sysctl_fs_file_nr_total 1024
            # TYPE node_sysctl_info gauge
            node_sysctl_info{index="0",name="kernel.seccomp.actions_avail",value="kill_process"} 1
            node_sysctl_info{index="1",name="kernel.seccomp.actions_avail",value="trap"} 1
            # TYPE node_sysctl_kernel_threads_max untyped
            node_sysctl_kernel_threads_max 7801
        "##]],
        );
        check(
            "sysctl",
            &files,
            |config| config.sysctl.include = vec!["fs.file-nr:one".to_owned()],
            &expect![[r#"
            error: unexpected content in sys/fs/file-nr: 3 values, but 1 keys
        "#]],
        );
    }
}
