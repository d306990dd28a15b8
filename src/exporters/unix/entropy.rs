//! `entropy`: how much randomness the kernel holds.

use super::Collector;
use super::context::{Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Entropy;

impl Collector for Entropy {
    fn name(&self) -> &'static str {
        "entropy"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let available = ctx.number(&ctx.proc, "sys/kernel/random/entropy_avail")?;
        out.gauge("node_entropy_available_bits", "Randomness at hand, in bits.", &[], available as f64);
        let size = ctx.number(&ctx.proc, "sys/kernel/random/poolsize")?;
        out.gauge("node_entropy_pool_size_bits", "Size of the kernel's pool of randomness, in bits.", &[], size as f64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn reads_pool() {
        let files = [("proc/sys/kernel/random/entropy_avail", "250\n"), ("proc/sys/kernel/random/poolsize", "256\n")];
        check(
            "entropy",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_entropy_available_bits gauge
            node_entropy_available_bits 250
            # TYPE node_entropy_pool_size_bits gauge
            node_entropy_pool_size_bits 256
        "#]],
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        check(
            "entropy",
            &[("proc/sys/kernel/random/entropy_avail", "many\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in DIR/proc/sys/kernel/random/entropy_avail: `many` is no number
        "#]],
        );
    }
}
