//! `thermal_zone`: temperatures and what cools.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct ThermalZone;

impl Collector for ThermalZone {
    fn name(&self) -> &'static str {
        "thermal_zone"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/thermal", ctx.sys);
        for (zone, name) in ctx.numbered(&folder, "thermal_zone") {
            let path = format!("{folder}/{name}");
            let Some(kind) = ctx.attribute(&path, "type")? else { continue };
            // A zone that is switched off has no temperature.
            if let Some(millidegrees) = ctx.attribute(&path, "temp")?.and_then(|text| text.parse::<f64>().ok()) {
                let zone = zone.to_string();
                out.gauge(
                    "node_thermal_zone_temp",
                    "Temperature, in degrees Celsius.",
                    &[("type", &kind), ("zone", &zone)],
                    millidegrees / 1000.0,
                );
            }
        }
        for (number, name) in ctx.numbered(&folder, "cooling_device") {
            let path = format!("{folder}/{name}");
            let number = number.to_string();
            let state = |file| Ok(ctx.attribute(&path, file)?.and_then(|text| text.parse::<f64>().ok()));
            let (Some(kind), Some(current), Some(highest)) = (ctx.attribute(&path, "type")?, state("cur_state")?, state("max_state")?)
            else {
                continue;
            };
            let labels = [("name", number.as_str()), ("type", &kind)];
            out.gauge("node_cooling_device_cur_state", "How hard the device cools.", &labels, current);
            out.gauge("node_cooling_device_max_state", "How hard the device can cool.", &labels, highest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn zones_and_devices() {
        let files = [
            ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"),
            ("sys/class/thermal/thermal_zone0/temp", "12376\n"),
            ("sys/class/thermal/thermal_zone1/type", "off\n"),
            ("sys/class/thermal/cooling_device0/type", "Processor\n"),
            ("sys/class/thermal/cooling_device0/cur_state", "-1\n"),
            ("sys/class/thermal/cooling_device0/max_state", "27\n"),
        ];
        check(
            "thermal_zone",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_cooling_device_cur_state gauge
            node_cooling_device_cur_state{name="0",type="Processor"} -1
            # TYPE node_cooling_device_max_state gauge
            node_cooling_device_max_state{name="0",type="Processor"} 27
            # TYPE node_thermal_zone_temp gauge
            node_thermal_zone_temp{type="cpu-thermal",zone="0"} 12.376
        "#]],
        );
    }
}
