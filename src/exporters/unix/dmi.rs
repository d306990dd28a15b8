//! `dmi`: maker, model and serial numbers of the machine's parts.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Dmi;

/// Files that become labels of the same name, but for the last.
const FILES: [&str; 20] = [
    "bios_date",
    "bios_release",
    "bios_vendor",
    "bios_version",
    "board_asset_tag",
    "board_name",
    "board_serial",
    "board_vendor",
    "board_version",
    "chassis_asset_tag",
    "chassis_serial",
    "chassis_vendor",
    "chassis_version",
    "product_family",
    "product_name",
    "product_serial",
    "product_sku",
    "product_uuid",
    "product_version",
    "sys_vendor",
];

impl Collector for Dmi {
    fn name(&self) -> &'static str {
        "dmi"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/class/dmi/id", ctx.sys);
        let mut values = Vec::new();
        for file in FILES {
            // Serial numbers are for root only.
            if let Some(value) = ctx.attribute(&folder, file)? {
                values.push((if file == "sys_vendor" { "system_vendor" } else { file }, value));
            }
        }
        if values.is_empty() {
            return Err(CollectError::NoData(format!("there is nothing in {folder}")));
        }
        let labels: Vec<(&str, &str)> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
        out.gauge("node_dmi_info", "What the firmware says about the machine.", &labels, 1.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn labels_are_what_there_is() {
        check(
            "dmi",
            &[("sys/class/dmi/id/sys_vendor", "ACME\n"), ("sys/class/dmi/id/product_name", "Box 1\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_dmi_info gauge
            node_dmi_info{product_name="Box 1",system_vendor="ACME"} 1
        "#]],
        );
        check("dmi", &[], |_| {}, &expect!["error: no data: there is nothing in DIR/sys/class/dmi/id\n"]);
    }
}
