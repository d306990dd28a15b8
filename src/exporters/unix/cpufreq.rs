//! `cpufreq`: clock rates of the processors and what governs them.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Cpufreq;

/// File, metric and help text. The kernel says kilohertz.
const RATES: [(&str, &str, &str); 6] = [
    ("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Clock rate as the hardware says, in hertz."),
    ("cpuinfo_min_freq", "node_cpu_frequency_min_hertz", "Lowest clock rate of the hardware, in hertz."),
    ("cpuinfo_max_freq", "node_cpu_frequency_max_hertz", "Highest clock rate of the hardware, in hertz."),
    ("scaling_cur_freq", "node_cpu_scaling_frequency_hertz", "Clock rate as the kernel set it, in hertz."),
    ("scaling_min_freq", "node_cpu_scaling_frequency_min_hertz", "Lowest clock rate the kernel may set, in hertz."),
    ("scaling_max_freq", "node_cpu_scaling_frequency_max_hertz", "Highest clock rate the kernel may set, in hertz."),
];

impl Collector for Cpufreq {
    fn name(&self) -> &'static str {
        "cpufreq"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/devices/system/cpu", ctx.sys);
        for (number, name) in ctx.numbered(&folder, "cpu") {
            let rates = format!("{folder}/{name}/cpufreq");
            let cpu = number.to_string();
            for (file, metric, help) in RATES {
                if let Some(kilohertz) = ctx.attribute(&rates, file)?.and_then(|text| text.parse::<f64>().ok()) {
                    out.gauge(metric, help, &[("cpu", &cpu)], kilohertz * 1000.0);
                }
            }
            let governor = ctx.attribute(&rates, "scaling_governor")?.unwrap_or_default();
            let available = ctx.attribute(&rates, "scaling_available_governors")?.unwrap_or_default();
            for one in available.split(' ').filter(|_| !governor.is_empty()) {
                let labels = [("cpu", cpu.as_str()), ("governor", one)];
                out.gauge(
                    "node_cpu_scaling_governor",
                    "Whether this governs the clock rate.",
                    &labels,
                    f64::from(u8::from(one == governor)),
                );
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
    fn rates_and_governors() {
        let files = [
            ("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3700000\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1219917\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors", "performance powersave\n"),
            ("sys/devices/system/cpu/cpu1/", ""),
        ];
        check(
            "cpufreq",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_cpu_frequency_max_hertz gauge
            node_cpu_frequency_max_hertz{cpu="0"} 3.7e+09
            # TYPE node_cpu_scaling_frequency_hertz gauge
            node_cpu_scaling_frequency_hertz{cpu="0"} 1.219917e+09
            # TYPE node_cpu_scaling_governor gauge
            node_cpu_scaling_governor{cpu="0",governor="performance"} 0
            node_cpu_scaling_governor{cpu="0",governor="powersave"} 1
        "#]],
        );
    }
}
