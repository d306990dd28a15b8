//! `prometheus.echo` writes every sample it is sent to the log.

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use data::receiver::{SendError, Sink};
use data::{MetricBatch, MetricsReceiver, Sample};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use value::{Arguments, Exports};
use wire::exposition::format_float;

pub(crate) static COMPONENT: Registration = Registration::of::<Echo>("prometheus.echo", Stability::GenerallyAvailable);

/// Writes samples to the log, to see what a pipeline does.
#[derive(Arguments, Clone, Debug, PartialEq)]
struct Args {
    /// `text` or `openmetrics`; anything else means `text`.
    #[alloy(attr, default = "text")]
    format: String,
}

/// Where to send samples.
#[derive(Exports, Clone, PartialEq)]
struct Out {
    /// Send samples here.
    #[alloy(attr)]
    receiver: MetricsReceiver,
}

struct Echo {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options<Out>,
    format: Mutex<String>,
}

impl Component for Echo {
    type Args = Args;
    type Exports = Out;

    fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
        let shared = Arc::new(Shared { options, format: Mutex::new(args.format) });
        let receiver = shared.options.receiver("receiver", Arc::clone(&shared) as Arc<dyn Sink<MetricBatch>>);
        shared.options.export(Out { receiver });
        Ok(Self { shared })
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        *self.shared.format.lock() = args.format;
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

impl Sink<MetricBatch> for Shared {
    fn send(&self, batch: MetricBatch) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let openmetrics = *self.format.lock() == "openmetrics";
            let metrics = render(&batch, openmetrics);
            tracing::info!(component_id = %self.options.id, %metrics, "received metrics");
            self.options.ledger.took(batch.samples.len());
            self.options.ledger.passed(batch.samples.len());
            crate::pool::recycle(batch);
            Ok(())
        })
    }
}

/// Samples by their labels.
type Series<'a> = BTreeMap<Vec<(&'a str, &'a str)>, &'a Sample>;

/// The samples as an exposition: each name a family without a type, sorted; of several samples of a series the last.
fn render(batch: &MetricBatch, openmetrics: bool) -> String {
    let mut families: BTreeMap<&str, Series<'_>> = BTreeMap::new();
    for sample in &batch.samples {
        let Some(name) = sample.labels.get("__name__").filter(|name| !name.is_empty()) else { continue };
        let labels = sample.labels.iter().filter(|(name, _)| *name != "__name__").collect();
        families.entry(name).or_default().insert(labels, sample);
    }
    let mut out = String::new();
    for (name, series) in &families {
        let help = batch.metadata.iter().find(|metadata| *metadata.family == **name).map(|metadata| &*metadata.help);
        let shown = if is_plain(name) { (*name).to_owned() } else { format!("\"{}\"", escape(name, true)) };
        let kind = if openmetrics { "unknown" } else { "untyped" };
        if let Some(help) = help {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(out, "# HELP {shown} {}", escape(help, openmetrics));
        }
        let _ = writeln!(out, "# TYPE {shown} {kind}");
        for (labels, sample) in series {
            line(&mut out, name, labels, sample, openmetrics);
        }
    }
    out
}

fn line(out: &mut String, name: &str, labels: &[(&str, &str)], sample: &Sample, openmetrics: bool) {
    let plain = is_plain(name);
    let mut inside = if plain { String::new() } else { format!("\"{}\"", escape(name, true)) };
    for (label, value) in labels {
        let comma = if inside.is_empty() { "" } else { "," };
        let value = escape(value, true);
        let _ = match is_plain(label) {
            true => write!(inside, "{comma}{label}=\"{value}\""),
            false => write!(inside, "{comma}\"{}\"=\"{value}\"", escape(label, true)),
        };
    }
    out.push_str(if plain { name } else { "" });
    if !inside.is_empty() {
        let _ = write!(out, "{{{inside}}}");
    }
    let _ = write!(out, " {}", number(sample.value, openmetrics));
    if sample.timestamp > 0 {
        let _ = match openmetrics {
            true => write!(out, " {}", format_float(sample.timestamp as f64 / 1000.0)),
            false => write!(out, " {}", sample.timestamp),
        };
    }
    out.push('\n');
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')) && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

fn escape(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { text.replace('"', "\\\"") } else { text }
}

/// Whole numbers have `.0` in OpenMetrics only.
fn number(value: f64, openmetrics: bool) -> String {
    let mut text = format_float(value);
    if !openmetrics && text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::metric_batch::MetricBatchInner;
    use data::{Labels, Metadata, MetricType};

    #[test]
    fn samples_are_an_exposition() {
        let sample =
            |pairs: &[(&str, &str)], timestamp, value| Sample { labels: Labels::from_pairs(pairs.iter().copied()), timestamp, value };
        let samples = vec![
            sample(&[("__name__", "z"), ("a", "1")], 1500, 2.0),
            sample(&[("__name__", "b.c"), ("q.r", "x\"y")], 0, 1e20),
            sample(&[("__name__", "z"), ("a", "0")], 0, f64::NAN),
            sample(&[("__name__", "z"), ("a", "1")], 2500, 3.5),
            sample(&[("__name__", "y")], 0, 1e6),
            sample(&[("a", "nameless")], 0, 1.0),
        ];
        let metadata = vec![Metadata { family: "z".into(), kind: MetricType::Gauge, help: "A \"z\".\n".into(), unit: "".into() }];
        let batch = MetricBatch::new(MetricBatchInner { samples, metadata, ..Default::default() });
        expect_test::expect![[r#"
            # TYPE "b.c" untyped
            {"b.c","q.r"="x\"y"} 1e+20
            # TYPE y untyped
            y 1e+06
            # HELP z A "z".\n
            # TYPE z untyped
            z{a="0"} NaN
            z{a="1"} 3.5 2500
        "#]]
        .assert_eq(&render(&batch, false));
        let text = render(&batch, true);
        assert!(text.contains("# TYPE y unknown\ny 1e+06\n") && text.contains("z{a=\"1\"} 3.5 2.5\n"), "{text}");
    }
}
