//! `selinux`: whether SELinux is on and whether it enforces.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Selinux;

impl Collector for Selinux {
    fn name(&self) -> &'static str {
        "selinux"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let current = ctx.value(&ctx.sys, "fs/selinux/enforce");
        // A kernel without a loaded policy labels everything `kernel`.
        let labelled = ctx.value(&ctx.proc, "self/attr/current").is_some_and(|label| label.trim_end_matches('\0') != "kernel");
        let enabled = current.is_some() && labelled;
        out.gauge("node_selinux_enabled", "Whether SELinux is on.", &[], f64::from(u8::from(enabled)));
        if enabled {
            let configured = ctx.join(&ctx.root, "etc/selinux/config").map_or(-1.0, |text| mode(&text));
            out.gauge("node_selinux_config_mode", "Configured mode: 1 enforcing, 0 permissive, -1 off.", &[], configured);
            let current = current.and_then(|text| text.parse().ok()).unwrap_or(-1.0);
            out.gauge("node_selinux_current_mode", "Present mode: 1 enforcing, 0 permissive, -1 off.", &[], current);
        }
        Ok(())
    }
}

fn mode(config: &str) -> f64 {
    let value = config.lines().rev().find_map(|line| line.trim().strip_prefix("SELINUX="));
    match value.map(str::trim) {
        Some("enforcing") => 1.0,
        Some("permissive") => 0.0,
        _ => -1.0,
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn on_and_off() {
        check(
            "selinux",
            &[],
            |_| {},
            &expect![[r#"
            # TYPE node_selinux_enabled gauge
            node_selinux_enabled 0
        "#]],
        );
        let files = [
            ("sys/fs/selinux/enforce", "0"),
            ("proc/self/attr/current", "system_u:system_r:init_t:s0\0"),
            ("etc/selinux/config", "# SELINUX=disabled\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"),
        ];
        check(
            "selinux",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_selinux_config_mode gauge
            node_selinux_config_mode 1
            # TYPE node_selinux_current_mode gauge
            node_selinux_current_mode 0
            # TYPE node_selinux_enabled gauge
            node_selinux_enabled 1
        "#]],
        );
    }
}
