//! `textfile`: metrics that other programs left in files.

mod glob;
mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::Collector;
use super::config::{ConfigError, UnixConfig};
use super::context::{CollectError, Collected, Ctx};
use crate::base::{Exposition, Kind};
use parse::{Family, Sample};

struct Textfile {
    directory: String,
}

pub(super) fn make(config: &UnixConfig) -> Result<Box<dyn Collector>, ConfigError> {
    Ok(Box::new(Textfile { directory: config.textfile.directory.clone() }))
}

impl Collector for Textfile {
    fn name(&self) -> &'static str {
        "textfile"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let mut failed = false;
        let mut fail = |path: &str, error: &dyn std::fmt::Display| {
            failed = true;
            tracing::error!(path, %error, "cannot use a text file of metrics");
        };
        for folder in glob::folders(&self.directory) {
            let names = ctx.names(&folder).unwrap_or_else(|error| {
                fail(&folder, &error);
                Vec::new()
            });
            for name in names.iter().filter(|name| name.ends_with(".prom")) {
                let path = format!("{}/{name}", folder.trim_end_matches('/'));
                match file(ctx, &path, out) {
                    Ok(mtime) => out.gauge(
                        "node_textfile_mtime_seconds",
                        "When the file was last written, in seconds since 1970.",
                        &[("file", &path)],
                        mtime,
                    ),
                    Err(error) => fail(&path, &error),
                }
            }
        }
        out.gauge("node_textfile_scrape_error", "Whether a file could not be read or understood.", &[], f64::from(u8::from(failed)));
        Ok(())
    }
}

/// Adds the metrics of one file and gives the second in which it was last written. A file that is wrong somewhere adds nothing.
fn file(ctx: &Ctx, path: &str, out: &mut Exposition) -> Collected<f64> {
    let text = ctx.read(path)?;
    let families = parse::page(&text).map_err(|reason| CollectError::parse(path, reason))?;
    let failed = |source| CollectError::Read { path: path.to_owned(), source };
    let modified = Path::new(path).metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
    for (name, family) in &families {
        add(out, name, family, path);
    }
    Ok(modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as f64)
}

fn add(out: &mut Exposition, name: &str, family: &Family, path: &str) {
    let help = family.help.clone().unwrap_or_else(|| format!("Metric read from {path}"));
    let own = |sample: &Sample| {
        sample.labels.iter().map(|(name, _)| name.clone()).filter(|name| !is_bound(family.kind, name)).collect::<Vec<_>>()
    };
    // One family has one set of label names on a page: what a sample lacks is added empty.
    let names: BTreeSet<String> = family.samples.iter().flat_map(own).collect();
    for sample in &family.samples {
        let mut labels: BTreeMap<&str, &str> = names.iter().map(|name| (name.as_str(), "")).collect();
        labels.extend(sample.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let labels: Vec<(&str, &str)> = labels.into_iter().collect();
        out.part(family.kind, name, sample.suffix, &help, &labels, sample.value);
    }
}

/// `le` and `quantile` belong to the line, not to the series.
fn is_bound(kind: Kind, label: &str) -> bool {
    (kind == Kind::Histogram && label == "le") || (kind == Kind::Summary && label == "quantile")
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    fn textfile(files: &[(&str, &str)], pattern: &str, expected: &expect_test::Expect) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a fixture can be written");
            std::fs::write(&path, text).expect("a fixture can be written");
            let file = std::fs::File::options().write(true).open(&path).expect("the fixture is there");
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1)).expect("a time can be set");
        }
        // The folder is a label here, so it lies where its name is the same in every run.
        let mut out = crate::base::Exposition::new();
        let config = crate::unix::config::UnixConfig {
            textfile: crate::unix::config::TextfileConfig { directory: folder.path().join(pattern).display().to_string() },
            ..Default::default()
        };
        let collector = super::make(&config).expect("the configuration is valid");
        collector.collect(&crate::unix::context::Ctx::new("/", "/", "/", "/"), &mut out).expect("it reports errors as a metric");
        let mut page = String::new();
        out.render(&mut page);
        expected.assert_eq(&page.replace(&folder.path().display().to_string(), "DIR"));
    }

    #[test]
    fn without_a_folder_there_is_only_the_error_flag() {
        check(
            "textfile",
            &[],
            |_| {},
            &expect![[r#"
            # TYPE node_textfile_scrape_error gauge
            node_textfile_scrape_error 0
        "#]],
        );
    }

    #[test]
    fn metrics_of_several_folders() {
        let files = [
            (
                "a1/x.prom",
                "# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{kind=\"good\"} 1\njobs_total{node=\"n\"} 2\nloose 3\n",
            ),
            (
                "a2/y.prom",
                "# TYPE took histogram\ntook_bucket{le=\"1\",q=\"a\"} 1\ntook_bucket{le=\"+Inf\",q=\"a\"} 2\ntook_sum{q=\"a\"} 3\ntook_count{q=\"a\"} 2\n",
            ),
            ("a2/ignored.txt", "x 1\n"),
        ];
        textfile(
            &files,
            "a?",
            &expect![[r#"
            # HELP jobs_total Jobs.
            # TYPE jobs_total counter
            jobs_total{kind="",node="n"} 2
            jobs_total{kind="good",node=""} 1
            # HELP loose Metric read from DIR/a1/x.prom
            # TYPE loose untyped
            loose 3
            # HELP node_textfile_mtime_seconds When the file was last written, in seconds since 1970.
            # TYPE node_textfile_mtime_seconds gauge
            node_textfile_mtime_seconds{file="DIR/a1/x.prom"} 1
            node_textfile_mtime_seconds{file="DIR/a2/y.prom"} 1
            # HELP node_textfile_scrape_error Whether a file could not be read or understood.
            # TYPE node_textfile_scrape_error gauge
            node_textfile_scrape_error 0
            # HELP took Metric read from DIR/a2/y.prom
            # TYPE took histogram
            took_bucket{le="1",q="a"} 1
            took_bucket{le="+Inf",q="a"} 2
            took_sum{q="a"} 3
            took_count{q="a"} 2
        "#]],
        );
    }

    #[test]
    fn a_wrong_file_adds_nothing_and_raises_the_flag() {
        let files = [("d/bad.prom", "fine 1\nnot fine at all\n"), ("d/old.prom", "stamped 1 1700000000000\n"), ("d/good.prom", "good 1\n")];
        let flagged = expect![[r#"
            # HELP good Metric read from DIR/d/good.prom
            # TYPE good untyped
            good 1
            # HELP node_textfile_mtime_seconds When the file was last written, in seconds since 1970.
            # TYPE node_textfile_mtime_seconds gauge
            node_textfile_mtime_seconds{file="DIR/d/good.prom"} 1
            # HELP node_textfile_scrape_error Whether a file could not be read or understood.
            # TYPE node_textfile_scrape_error gauge
            node_textfile_scrape_error 1
        "#]];
        textfile(&files, "d", &flagged);
        textfile(
            &[],
            "missing",
            &expect![[r#"
            # HELP node_textfile_scrape_error Whether a file could not be read or understood.
            # TYPE node_textfile_scrape_error gauge
            node_textfile_scrape_error 1
        "#]],
        );
    }
}
