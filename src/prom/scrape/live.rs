//! What live debugging shows of a scrape.

use component::Tap;
use data::metric_batch::MetricBatchInner;
use data::{Labels, MetricType};

/// Shows a batch, when somebody watches.
pub(super) fn show(tap: &Tap, batch: &MetricBatchInner) {
    if !tap.is_watched() {
        return;
    }
    for sample in &batch.samples {
        tap.show(|| format!("sample: ts={}, labels={}, value={}", sample.timestamp, sample.labels, number(sample.value)));
    }
    for exemplar in &batch.exemplars {
        let at = exemplar.timestamp.unwrap_or_default();
        tap.show(|| {
            format!("exemplar: ts={at}, labels={}, exemplar_labels={}, value={}", exemplar.series, exemplar.labels, number(exemplar.value))
        });
    }
    for metadata in &batch.metadata {
        let labels = Labels::from_pairs([("__name__", &*metadata.family)]);
        let kind = kind(metadata.kind);
        tap.show(|| format!("metadata: labels={labels}, type={kind:?}, unit={:?}, help={:?}", metadata.unit, metadata.help));
    }
}

/// Six digits after the point.
fn number(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".into(),
        f64::INFINITY => "+Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        _ => format!("{value:.6}"),
    }
}

fn kind(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Unknown => "unknown",
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::GaugeHistogram => "gaugehistogram",
        MetricType::Summary => "summary",
        MetricType::Info => "info",
        MetricType::StateSet => "stateset",
    }
}
