//! `hwmon`: temperatures, voltages, fans and whatever else the sensor chips measure.

mod chip;

use std::collections::BTreeMap;

use super::Collector;
use super::config::{ConfigError, DeviceFilter, UnixConfig};
use super::context::{CollectError, Collected, Ctx};
use crate::base::{Exposition, Kind};

struct Hwmon {
    filter: DeviceFilter,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    let filter = DeviceFilter::new(("hwmon.chip_exclude", &config.hwmon.chip_exclude), ("hwmon.chip_include", &config.hwmon.chip_include))?;
    Ok(Box::new(Hwmon { filter }))
}

/// What a file is about, by the start of its name.
const TYPES: [&str; 13] =
    ["beep_enable", "cpu", "curr", "energy", "fan", "humidity", "in", "intrusion", "power", "pwm", "temp", "update_interval", "vrm"];

/// Values of one sensor by property; the property of the sensor's own file is empty.
type Sensor = BTreeMap<String, String>;
/// Sensors by type and number.
type Sensors = BTreeMap<(&'static str, u64), Sensor>;

impl Collector for Hwmon {
    fn name(&self) -> &'static str {
        "hwmon"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/hwmon", ctx.sys);
        let mut last = Ok(());
        for entry in ctx.names(&folder).map_err(CollectError::missing_is_no_data)? {
            let path = format!("{folder}/{entry}");
            if !std::path::Path::new(&path).is_dir() {
                continue;
            }
            // One chip that cannot be read must not hide the others.
            if let Err(error) = self.chip(ctx, out, &path) {
                last = Err(error);
            }
        }
        last
    }
}

impl Hwmon {
    fn chip(&self, ctx: &Ctx, out: &mut Exposition, path: &str) -> Collected {
        let chip = chip::name(ctx, path)?;
        if self.filter.ignores(&chip) {
            return Ok(());
        }
        let mut sensors = Sensors::new();
        read(ctx, path, &mut sensors)?;
        let device = format!("{path}/device");
        if std::path::Path::new(&device).exists() {
            read(ctx, &device, &mut sensors)?;
        }
        if let Some(name) = ctx.value(path, "name").map(|name| chip::clean(&name)).filter(|name| !name.is_empty()) {
            out.gauge("node_hwmon_chip_names", "What the driver calls the chip.", &[("chip", &chip), ("chip_name", &name)], 1.0);
        }
        for ((kind, number), sensor) in &sensors {
            add(out, &chip, kind, &format!("{kind}{number}"), sensor);
        }
        Ok(())
    }
}

fn read(ctx: &Ctx, folder: &str, sensors: &mut Sensors) -> Collected {
    for file in ctx.names(folder)? {
        let Some((kind, number, property)) = split(&file) else { continue };
        // A broken driver fails on reading; its other files may be fine.
        if let Ok(text) = ctx.join(folder, &file) {
            let value = text.trim_matches('\n').to_owned();
            sensors.entry((kind, number)).or_default().insert(property.to_owned(), value);
        }
    }
    Ok(())
}

/// `temp1_crit_alarm` is about temperature 1 and its property `crit_alarm`.
fn split(file: &str) -> Option<(&'static str, u64, &str)> {
    let start = file.find(|character: char| character.is_ascii_digit()).unwrap_or(file.len());
    let kind = TYPES.into_iter().find(|kind| *kind == &file[..start])?;
    let end = start + file[start..].bytes().take_while(u8::is_ascii_digit).count();
    let number = if start == end { 0 } else { file[start..end].parse().ok()? };
    let property = match &file[end..] {
        "" => "",
        rest => rest.strip_prefix('_').filter(|property| !property.is_empty())?,
    };
    Some((kind, number, property))
}

fn add(out: &mut Exposition, chip: &str, kind: &str, sensor: &str, values: &Sensor) {
    let labels = [("chip", chip), ("sensor", sensor)];
    if let Some(label) = values.get("label") {
        out.gauge(
            "node_hwmon_sensor_label",
            "What the driver calls the sensor.",
            &[("chip", chip), ("label", label), ("sensor", sensor)],
            1.0,
        );
    }
    let own = values.get("").map(String::as_str).unwrap_or_default();
    let single = match kind {
        "beep_enable" => Some(("node_hwmon_beep_enabled", Some(f64::from(u8::from(own == "1"))))),
        "vrm" => Some(("node_hwmon_voltage_regulator_version", own.parse().ok())),
        "update_interval" => Some(("node_hwmon_update_interval_seconds", own.parse::<f64>().ok().map(|value| value * 0.001))),
        _ => None,
    };
    if let Some((name, value)) = single {
        value.into_iter().for_each(|value| out.gauge(name, "A setting of the chip.", &labels, value));
        return;
    }
    for (property, text) in values.iter().filter(|(property, _)| *property != "label") {
        let Ok(value) = text.parse::<f64>() else { continue };
        let mut name = format!("node_hwmon_{kind}");
        match property.as_str() {
            "" => {}
            // The sensor's value, unless a file of the sensor's own name has that already.
            "input" if !values.contains_key("") => {}
            other => {
                name.push('_');
                name.push_str(&chip::clean(other));
            }
        }
        let (suffix, metric_kind, unit) = unit(kind, property);
        name.push_str(suffix);
        out.sample(metric_kind, &name, "A value of the sensor.", &labels, value * unit);
    }
}

/// What is added to the name, the type, and the factor that turns the driver's unit into the metric's.
fn unit(kind: &str, property: &str) -> (&'static str, Kind, f64) {
    match (kind, property) {
        (_, "fault" | "alarm") => ("", Kind::Gauge, 1.0),
        (_, "beep") => ("_enabled", Kind::Gauge, 1.0),
        ("in" | "cpu", _) => ("_volts", Kind::Gauge, 0.001),
        ("temp", property) if property != "type" => ("_celsius", Kind::Gauge, 0.001),
        ("curr", _) => ("_amps", Kind::Gauge, 0.001),
        ("energy", _) => ("_joule_total", Kind::Counter, 1e-6),
        ("power", "accuracy") | ("humidity", _) => ("", Kind::Gauge, 1e-6),
        ("power", "average_interval" | "average_interval_min" | "average_interval_max") => ("_seconds", Kind::Gauge, 0.001),
        ("power", _) => ("_watt", Kind::Gauge, 1e-6),
        ("fan", "input" | "min" | "max" | "target") => ("_rpm", Kind::Gauge, 1.0),
        _ => ("", Kind::Gauge, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn file_names() {
        let cases = [
            ("temp1_crit_alarm", Some(("temp", 1, "crit_alarm"))),
            ("in0_input", Some(("in", 0, "input"))),
            ("update_interval", Some(("update_interval", 0, ""))),
            ("fan2", Some(("fan", 2, ""))),
            ("temp1x", None),
            ("name", None),
            ("temp99999999999999999999_input", None),
        ];
        for (file, expected) in cases {
            assert_eq!(split(file), expected, "{file}");
        }
    }

    #[test]
    fn units_by_type_and_property() {
        let files = [
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/name", "coretemp\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/device", "-> ../.."),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/temp1_input", "55000\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/temp1_label", "Physical id 0\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/temp1_alarm", "1\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/fan1_input", "1200\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/fan1_beep", "0\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/in1", "1100\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/in1_input", "1101\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/energy1_input", "2500000\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/power1_average", "3000000\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/update_interval", "1000\n"),
            ("sys/devices/platform/coretemp.0/hwmon/hwmon0/pwm1_mode", "what\n"),
            ("sys/class/hwmon/hwmon0", "-> ../../devices/platform/coretemp.0/hwmon/hwmon0"),
        ];
        check(
            "hwmon",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_hwmon_chip_names gauge
            node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1
            # TYPE node_hwmon_energy_joule_total counter
            node_hwmon_energy_joule_total{chip="platform_coretemp_0",sensor="energy1"} 2.5
            # TYPE node_hwmon_fan_beep_enabled gauge
            node_hwmon_fan_beep_enabled{chip="platform_coretemp_0",sensor="fan1"} 0
            # TYPE node_hwmon_fan_rpm gauge
            node_hwmon_fan_rpm{chip="platform_coretemp_0",sensor="fan1"} 1200
            # TYPE node_hwmon_in_input_volts gauge
            node_hwmon_in_input_volts{chip="platform_coretemp_0",sensor="in1"} 1.101
            # TYPE node_hwmon_in_volts gauge
            node_hwmon_in_volts{chip="platform_coretemp_0",sensor="in1"} 1.1
            # TYPE node_hwmon_power_average_watt gauge
            node_hwmon_power_average_watt{chip="platform_coretemp_0",sensor="power1"} 3
            # TYPE node_hwmon_sensor_label gauge
            node_hwmon_sensor_label{chip="platform_coretemp_0",label="Physical id 0",sensor="temp1"} 1
            # TYPE node_hwmon_temp_alarm gauge
            node_hwmon_temp_alarm{chip="platform_coretemp_0",sensor="temp1"} 1
            # TYPE node_hwmon_temp_celsius gauge
            node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 55
            # TYPE node_hwmon_update_interval_seconds gauge
            node_hwmon_update_interval_seconds{chip="platform_coretemp_0",sensor="update_interval0"} 1
        "##]],
        );
        check("hwmon", &files, |config| config.hwmon.chip_include = "^nothing$".into(), &expect![[""]]);
        check(
            "hwmon",
            &[],
            |_| {},
            &expect![[r#"
            error: no data: cannot read DIR/sys/class/hwmon: No such file or directory (os error 2)
        "#]],
        );
    }
}
