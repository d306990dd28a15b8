//! What live debugging shows of a scrape.

use component::Tap;
use data::Labels;
use data::metric_batch::MetricBatchInner;

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
        let kind = metadata.kind.name();
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
