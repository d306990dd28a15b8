//! `bonding`: how many network cards a bond has, and how many of them work.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Bonding;

impl Collector for Bonding {
    fn name(&self) -> &'static str {
        "bonding"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let masters = ctx.sys("class/net/bonding_masters").map_err(CollectError::missing_is_no_data)?;
        for master in masters.split_whitespace() {
            let folder = format!("{}/class/net/{master}", ctx.sys);
            let (mut slaves, mut active) = (0_u32, 0_u32);
            for slave in ctx.join(&folder, "bonding/slaves")?.split_whitespace() {
                // Old kernels call the link `slave_…`.
                let state = match ctx.join(&folder, &format!("lower_{slave}/bonding_slave/mii_status")) {
                    Err(error) if error.is_missing() => ctx.join(&folder, &format!("slave_{slave}/bonding_slave/mii_status"))?,
                    other => other?,
                };
                slaves += 1;
                active += u32::from(state.trim() == "up");
            }
            out.gauge("node_bonding_slaves", "Cards of the bond.", &[("master", master)], f64::from(slaves));
            out.gauge("node_bonding_active", "Cards of the bond that work.", &[("master", master)], f64::from(active));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn counts_cards() {
        let files = [
            ("sys/class/net/bonding_masters", "bond0\n"),
            ("sys/class/net/bond0/bonding/slaves", "eth0 eth1\n"),
            ("sys/class/net/bond0/lower_eth0/bonding_slave/mii_status", "up\n"),
            ("sys/class/net/bond0/slave_eth1/bonding_slave/mii_status", "down\n"),
        ];
        check(
            "bonding",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_bonding_active gauge
            node_bonding_active{master="bond0"} 1
            # TYPE node_bonding_slaves gauge
            node_bonding_slaves{master="bond0"} 2
        "#]],
        );
    }
}
