//! `powersupplyclass`: charge, voltage and state of batteries and mains adapters.

use regex::Regex;

use super::Collector;
use super::config::{ConfigError, UnixConfig, pattern};
use super::context::{CollectError, Collected, Ctx, parse_integer};
use crate::base::Exposition;

struct Powersupply {
    ignored: Regex,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Powersupply { ignored: pattern("powersupply.ignored_supplies", &config.powersupply.ignored_supplies)? }))
}

/// Files whose metric has another name than the file.
const RENAMED: [(&str, &str); 16] = [
    ("cycle_count", "cyclecount"),
    ("time_to_empty_now", "time_to_empty_seconds"),
    ("time_to_full_now", "time_to_full_seconds"),
    ("current_now", "current_ampere"),
    ("energy_now", "energy_watthour"),
    ("voltage_now", "voltage_volt"),
    ("charge_now", "charge_ampere"),
    ("power_now", "power_watt"),
    ("temp", "temp_celsius"),
    ("temp_alert_max", "temp_alert_max_celsius"),
    ("temp_alert_min", "temp_alert_min_celsius"),
    ("temp_ambient", "temp_ambient_celsius"),
    ("temp_ambient_max", "temp_ambient_max_celsius"),
    ("temp_ambient_min", "temp_ambient_min_celsius"),
    ("temp_max", "temp_max_celsius"),
    ("temp_min", "temp_min_celsius"),
];
/// Files with plain numbers.
const PLAIN: [&str; 10] = [
    "authentic",
    "calibrate",
    "capacity",
    "capacity_alert_max",
    "capacity_alert_min",
    "cycle_count",
    "online",
    "present",
    "time_to_empty_now",
    "time_to_full_now",
];
/// Files with millionths of an ampere, a volt, a watt, and so on.
const MILLIONTHS: [&str; 31] = [
    "current_boot",
    "current_max",
    "current_now",
    "energy_empty",
    "energy_empty_design",
    "energy_full",
    "energy_full_design",
    "energy_now",
    "voltage_boot",
    "voltage_max",
    "voltage_max_design",
    "voltage_min",
    "voltage_min_design",
    "voltage_now",
    "voltage_ocv",
    "charge_control_limit",
    "charge_control_limit_max",
    "charge_counter",
    "charge_empty",
    "charge_empty_design",
    "charge_full",
    "charge_full_design",
    "charge_now",
    "charge_term_current",
    "constant_charge_current",
    "constant_charge_current_max",
    "constant_charge_voltage",
    "constant_charge_voltage_max",
    "precharge_current",
    "input_current_limit",
    "power_now",
];
/// Files with tenths of a degree.
const TENTHS: [&str; 8] =
    ["temp", "temp_alert_max", "temp_alert_min", "temp_ambient", "temp_ambient_max", "temp_ambient_min", "temp_max", "temp_min"];
/// Files that become labels of the same name.
const LABELS: [&str; 11] = [
    "capacity_level",
    "charge_type",
    "health",
    "manufacturer",
    "model_name",
    "scope",
    "serial_number",
    "status",
    "technology",
    "type",
    "usb_type",
];

impl Collector for Powersupply {
    fn name(&self) -> &'static str {
        "powersupplyclass"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/power_supply", ctx.sys);
        for supply in ctx.names(&folder).map_err(CollectError::missing_is_no_data)?.iter().filter(|name| !self.ignored.is_match(name)) {
            let path = format!("{folder}/{supply}");
            for (files, unit) in [(&PLAIN[..], 1.0), (&MILLIONTHS[..], 1e6), (&TENTHS[..], 10.0)] {
                for file in files {
                    if let Some(value) = ctx.attribute(&path, file)?.as_deref().and_then(parse_integer) {
                        let name = RENAMED.iter().find(|(from, _)| from == file).map_or(*file, |(_, to)| *to);
                        let metric = format!("node_power_supply_{name}");
                        out.gauge(&metric, "An attribute of the power supply.", &[("power_supply", supply)], value as f64 / unit);
                    }
                }
            }
            let mut values = vec![("power_supply", supply.clone())];
            for label in LABELS {
                values.extend(ctx.attribute(&path, label)?.filter(|value| !value.is_empty()).map(|value| (label, value)));
            }
            let labels: Vec<(&str, &str)> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
            out.gauge("node_power_supply_info", "Attributes of the power supply that are no numbers.", &labels, 1.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn units_and_labels() {
        let files = [
            ("sys/class/power_supply/BAT0/capacity", "81\n"),
            ("sys/class/power_supply/BAT0/voltage_now", "12229000\n"),
            ("sys/class/power_supply/BAT0/temp", "305\n"),
            ("sys/class/power_supply/BAT0/status", "Discharging\n"),
            ("sys/class/power_supply/BAT0/type", "Battery\n"),
            ("sys/class/power_supply/AC/online", "0\n"),
        ];
        check(
            "powersupplyclass",
            &files,
            |config| config.powersupply.ignored_supplies = "^AC$".into(),
            &expect![[r#"
            # TYPE node_power_supply_capacity gauge
            node_power_supply_capacity{power_supply="BAT0"} 81
            # TYPE node_power_supply_info gauge
            node_power_supply_info{power_supply="BAT0",status="Discharging",type="Battery"} 1
            # TYPE node_power_supply_temp_celsius gauge
            node_power_supply_temp_celsius{power_supply="BAT0"} 30.5
            # TYPE node_power_supply_voltage_volt gauge
            node_power_supply_voltage_volt{power_supply="BAT0"} 12.229
        "#]],
        );
    }
}
