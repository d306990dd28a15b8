//! `zfs`: the counters of the ZFS kernel module.

use super::Collector;
use super::context::{CollectError, Collected, Ctx, parse_float};
use crate::base::Exposition;

pub(super) struct Zfs;

const FOLDER: &str = "spl/kstat/zfs";
/// File and the start of its metrics. Which files there are depends on the version of ZFS.
const FILES: [(&str, &str); 11] = [
    ("abdstats", "node_zfs_abd_"),
    ("arcstats", "node_zfs_arc_"),
    ("dbufstats", "node_zfs_dbuf_"),
    ("dmu_tx", "node_zfs_dmu_tx_"),
    ("dnodestats", "node_zfs_dnode_"),
    ("fm", "node_zfs_fm_"),
    ("vdev_cache_stats", "node_zfs_vdev_cache_"),
    ("vdev_mirror_stats", "node_zfs_vdev_mirror_"),
    ("xuio_stats", "node_zfs_xuio_"),
    ("zfetchstats", "node_zfs_zfetch_"),
    ("zil", "node_zfs_zil_"),
];
/// Types of figures that become metrics: whole numbers of 64 bits.
const SIGNED: &str = "3";
const UNSIGNED: &str = "4";
const STATES: [&str; 7] = ["degraded", "faulted", "offline", "online", "removed", "suspended", "unavail"];

impl Collector for Zfs {
    fn name(&self) -> &'static str {
        "zfs"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let folder = format!("{}/{FOLDER}", ctx.proc);
        let names = ctx.names(&folder).map_err(CollectError::missing_is_no_data)?;
        for (file, prefix) in FILES {
            match ctx.join(&folder, file) {
                Ok(text) => table(&text, file, |name, kind, value| {
                    if kind == SIGNED || kind == UNSIGNED {
                        out.untyped(&metric(prefix, name), "A counter of ZFS.", &[], parse_float(value, file)?);
                    }
                    Ok(())
                })?,
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
        }
        for name in &names {
            let pool = format!("{folder}/{name}");
            if std::path::Path::new(&pool).is_dir() {
                io(ctx, out, &pool, name)?;
                datasets(ctx, out, &pool, name)?;
                state(ctx, out, &pool, name);
            }
        }
        Ok(())
    }
}

fn metric(prefix: &str, name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    format!("{prefix}{}", last.replace('-', "_"))
}

/// Calls `each` with name, type and value of every row below the heading.
fn table(text: &str, file: &str, mut each: impl FnMut(&str, &str, &str) -> Collected) -> Collected {
    let mut rows = text.lines().skip_while(|line| !line.split_whitespace().eq(["name", "type", "data"]));
    if rows.next().is_none() {
        return Err(CollectError::parse(file, "no heading `name type data`"));
    }
    for row in rows {
        let mut fields = row.split_whitespace();
        if let (Some(name), Some(kind), Some(value)) = (fields.next(), fields.next(), fields.next()) {
            each(name, kind, value)?;
        }
    }
    Ok(())
}

/// Reads and writes of a pool: a line of names, a line of values.
fn io(ctx: &Ctx, out: &mut Exposition, folder: &str, pool: &str) -> Collected {
    let Ok(text) = ctx.join(folder, "io") else { return Ok(()) };
    let mut lines = text.lines().skip_while(|line| !line.starts_with("nread"));
    let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
        out.untyped(&metric("node_zfs_zpool_", name), "A counter of the pool.", &[("zpool", pool)], parse_float(value, "io")?);
    }
    Ok(())
}

fn datasets(ctx: &Ctx, out: &mut Exposition, folder: &str, pool: &str) -> Collected {
    for file in ctx.names(folder)?.iter().filter(|name| name.starts_with("objset-")) {
        let Ok(text) = ctx.join(folder, file) else { continue };
        let mut dataset = String::new();
        table(&text, file, |name, kind, value| {
            if name == "dataset_name" {
                dataset = value.to_owned();
            } else if kind == UNSIGNED {
                let labels = [("dataset", dataset.as_str()), ("zpool", pool)];
                out.untyped(&metric("node_zfs_zpool_dataset_", name), "A counter of the dataset.", &labels, parse_float(value, file)?);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn state(ctx: &Ctx, out: &mut Exposition, folder: &str, pool: &str) {
    let Some(now) = ctx.value(folder, "state") else { return };
    for state in STATES {
        let labels = [("state", state), ("zpool", pool)];
        out.gauge(
            "node_zfs_zpool_state",
            "Whether the pool is in this state.",
            &labels,
            f64::from(u8::from(now.eq_ignore_ascii_case(state))),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn module_pools_and_datasets() {
        let files = [
            (
                "proc/spl/kstat/zfs/arcstats",
                "6 1 0x01 91 4368\nname                            type data\nhits                            4    8772612\nmru-size                        3    5\nflag 7 text\n",
            ),
            (
                "proc/spl/kstat/zfs/pool1/io",
                "12 3 0x00 1 80 79205351707403 395818011156865\nnread    nwritten reads    writes   wtime    wlentime wupdate  rtime    rlentime rupdate  wcnt     rcnt\n1884160  3206144  22       132      7155162  104112268 79 24168078 1 2 0 0\n",
            ),
            (
                "proc/spl/kstat/zfs/pool1/objset-1",
                "23 1 0x01 7 2160\nname                            type data\ndataset_name                    7    pool1/data\nwrites                          4    4\n",
            ),
            ("proc/spl/kstat/zfs/pool1/state", "ONLINE\n"),
        ];
        check(
            "zfs",
            &files,
            |_| {},
            &expect![[r##"
            # TYPE node_zfs_arc_hits untyped
            node_zfs_arc_hits 8.772612e+06
            # TYPE node_zfs_arc_mru_size untyped
            node_zfs_arc_mru_size 5
            # TYPE node_zfs_zpool_dataset_writes untyped
            node_zfs_zpool_dataset_writes{dataset="pool1/data",zpool="pool1"} 4
            # TYPE node_zfs_zpool_nread untyped
            node_zfs_zpool_nread{zpool="pool1"} 1.88416e+06
            # TYPE node_zfs_zpool_nwritten untyped
            node_zfs_zpool_nwritten{zpool="pool1"} 3.206144e+06
            # TYPE node_zfs_zpool_rcnt untyped
            node_zfs_zpool_rcnt{zpool="pool1"} 0
            # TYPE node_zfs_zpool_reads untyped
            node_zfs_zpool_reads{zpool="pool1"} 22
            # TYPE node_zfs_zpool_rlentime untyped
            node_zfs_zpool_rlentime{zpool="pool1"} 1
            # TYPE node_zfs_zpool_rtime untyped
            node_zfs_zpool_rtime{zpool="pool1"} 2.4168078e+07
            # TYPE node_zfs_zpool_rupdate untyped
            node_zfs_zpool_rupdate{zpool="pool1"} 2
            # TYPE node_zfs_zpool_state gauge
            node_zfs_zpool_state{state="degraded",zpool="pool1"} 0
            node_zfs_zpool_state{state="faulted",zpool="pool1"} 0
            node_zfs_zpool_state{state="offline",zpool="pool1"} 0
            node_zfs_zpool_state{state="online",zpool="pool1"} 1
            node_zfs_zpool_state{state="removed",zpool="pool1"} 0
            node_zfs_zpool_state{state="suspended",zpool="pool1"} 0
            node_zfs_zpool_state{state="unavail",zpool="pool1"} 0
            # TYPE node_zfs_zpool_wcnt untyped
            node_zfs_zpool_wcnt{zpool="pool1"} 0
            # TYPE node_zfs_zpool_wlentime untyped
            node_zfs_zpool_wlentime{zpool="pool1"} 1.04112268e+08
            # TYPE node_zfs_zpool_writes untyped
            node_zfs_zpool_writes{zpool="pool1"} 132
            # TYPE node_zfs_zpool_wtime untyped
            node_zfs_zpool_wtime{zpool="pool1"} 7.155162e+06
            # TYPE node_zfs_zpool_wupdate untyped
            node_zfs_zpool_wupdate{zpool="pool1"} 79
        "##]],
        );
        check(
            "zfs",
            &[("proc/spl/kstat/zfs/zil", "nothing\n")],
            |_| {},
            &expect![[r#"
            error: unexpected content in zil: no heading `name type data`
        "#]],
        );
        check(
            "zfs",
            &[],
            |_| {},
            &expect![[r#"
            error: no data: cannot read DIR/proc/spl/kstat/zfs: No such file or directory (os error 2)
        "#]],
        );
    }
}
