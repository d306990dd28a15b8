//! `filefd`: open files of the whole machine.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Filefd;

impl Collector for Filefd {
    fn name(&self) -> &'static str {
        "filefd"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let text = ctx.proc("sys/fs/file-nr")?;
        let mut fields = text.trim().split('\t');
        // The second figure, free handles, is always zero.
        let (Some(allocated), Some(_), Some(maximum)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(CollectError::parse("sys/fs/file-nr", "fewer than 3 figures"));
        };
        out.gauge("node_filefd_allocated", "Open file handles.", &[], parse_float(allocated, "sys/fs/file-nr")?);
        out.gauge("node_filefd_maximum", "File handles that can be open.", &[], parse_float(maximum, "sys/fs/file-nr")?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn reads_both_figures() {
        check(
            "filefd",
            &[("proc/sys/fs/file-nr", "1024\t0\t1631329\n")],
            |_| {},
            &expect![[r#"
            # TYPE node_filefd_allocated gauge
            node_filefd_allocated 1024
            # TYPE node_filefd_maximum gauge
            node_filefd_maximum 1.631329e+06
        "#]],
        );
        check(
            "filefd",
            &[("proc/sys/fs/file-nr", "1024\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in sys/fs/file-nr: fewer than 3 figures
        "#]],
        );
    }
}
