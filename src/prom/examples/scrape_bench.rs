//! Measures the way from pages to batches: `cargo run --release -p prom --example scrape_bench [targets] [series] [rounds]`.
//!
//! Prints microseconds of processor time a sample for reading and looking up, and for `prometheus.relabel`.

use data::{Labels, MetricBatch};
use prom::bench::{Relabel, Target};
use std::fmt::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |at: usize, otherwise: usize| std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (targets, series, rounds) = (number(1, 100), number(2, 1000), number(3, 50));
    let label = |i: usize| Labels::from_pairs([("instance", format!("10.0.0.{i}:9100")), ("job", "node".to_owned())]);
    let mut all: Vec<Target> = (0..targets).map(|i| Target::new(label(i))).collect();
    let rules = [("drop", "__name__", "never_.*", "", ""), ("replace", "", "(.*)", "cluster", "eu-1")];
    let relabel = Relabel::new(&rules, 2 * targets * series)?;
    let pages: Vec<String> = (0..4).map(|round| page(series, round)).collect();
    let mut run = |rounds: usize, relabelled: bool| {
        let (begun, mut samples) = (cpu_seconds(), 0);
        for round in 0..rounds {
            let page = &pages[round % pages.len()];
            for target in &mut all {
                let mut batch = target.scrape(page.as_bytes(), round as i64, series);
                if relabelled {
                    batch = MetricBatch::new(relabel.relabel(batch));
                }
                samples += batch.samples.len();
                prom::pool::recycle(batch);
            }
        }
        (cpu_seconds() - begun) * 1e6 / samples.max(1) as f64
    };
    let first = run(1, true);
    let scraping = run(rounds, false);
    let relabelling = run(rounds, true) - scraping;
    let mut out = String::new();
    writeln!(out, "{targets} targets of {series} series, {} bytes a sample, {rounds} rounds", pages[0].len() / series.max(1))?;
    writeln!(out, "first scrape, relabelled: {:.3} us a sample", first)?;
    writeln!(out, "read and look up:         {:.4} us a sample", scraping)?;
    writeln!(out, "relabel:                  {:.4} us a sample", relabelling)?;
    writeln!(out, "memory:                   {}", memory())?;
    std::io::Write::write_all(&mut std::io::stdout(), out.as_bytes())?;
    Ok(())
}

/// A page with some help, as exporters write it.
fn page(series: usize, round: usize) -> String {
    let mut page = String::new();
    for i in 0..series {
        if i % 20 == 0 {
            // Writing to a string cannot fail.
            let _ = writeln!(
                page,
                "# HELP node_some_subsystem_{}_total Things that happened.\n# TYPE node_some_subsystem_{}_total counter",
                i / 20,
                i / 20
            );
        }
        let value = (i * 1_000 + round * 17) as f64 * if i % 3 == 0 { 1.0 } else { 0.5 };
        let _ = writeln!(
            page,
            "node_some_subsystem_{}_total{{device=\"eth{}\",mode=\"mode{}\",cpu=\"{}\"}} {value}",
            i / 20,
            i % 4,
            i % 7,
            i % 20
        );
    }
    page
}

/// Processor time of this thread.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("RssAnon")).collect()
}
