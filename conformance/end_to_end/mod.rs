//! The program as its users run it: a configuration file, real scrapes, and a real Prometheus at the far end.

mod daemon;
mod docker;
mod listener;
mod processes;
mod receiver;
mod target;

use processes::{Ferroalloy, Prometheus, wait_for};
use std::collections::BTreeSet;
use std::time::Duration;
use target::CountingTarget;

/// How often the program is killed during the outage, unless `TORTURE_ROUNDS` says otherwise.
const ROUNDS: usize = 3;

fn config(prometheus: &str, target: &str) -> String {
    format!(
        r#"// Metrics of this host and of one more target, sent to Prometheus.
prometheus.exporter.unix "host" {{ }}

prometheus.scrape "host" {{
  targets         = prometheus.exporter.unix.host.targets
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [prometheus.remote_write.main.receiver]
}}

prometheus.scrape "counter" {{
  targets         = [{{"__address__" = "{target}"}}]
  job_name        = "counter"
  scrape_interval = "500ms"
  scrape_timeout  = "500ms"
  forward_to      = [prometheus.remote_write.main.receiver]
}}

prometheus.remote_write "main" {{
  endpoint {{
    url = "http://{prometheus}/api/v1/write"

    queue_config {{
      batch_send_deadline = "200ms"
      min_backoff         = "30ms"
      max_backoff         = "1s"
    }}
  }}
}}
"#
    )
}

/// Guards the first promise of the project: what was scraped arrives, whatever dies on the way.
///
/// A target serves a counter that goes up with each scrape. Prometheus goes away, the program is killed again and
/// again meanwhile, and at the end Prometheus must hold every value that was served. Only a scrape that was under
/// way when the program was killed may be missing.
#[test]
fn nothing_scraped_is_lost_in_an_outage_with_kills() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let Some(mut prometheus) = Prometheus::new(dir.path()) else {
        eprintln!("skipped: prometheus is not installed");
        return;
    };
    let target = CountingTarget::start();
    let mut ferroalloy = Ferroalloy::new(dir.path(), &config(prometheus.address(), target.address()));
    prometheus.start();
    ferroalloy.start();

    // Before the outage: the host's metrics are there, and so are the reports on both targets.
    for query in ["node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "up{job=\"counter\"} == 1", "up{job!=\"counter\"} == 1"] {
        wait_for(query, Duration::from_secs(40), || ferroalloy.checked(!prometheus.query(query).is_empty()));
    }
    wait_for("first samples", Duration::from_secs(40), || prometheus.values("served_total").len() >= 3);

    prometheus.stop();
    let rounds = std::env::var("TORTURE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let mut in_flight = BTreeSet::new();
    for round in 0..rounds {
        // Kills at different moments after a scrape: in the middle of encoding, of writing, and between scrapes.
        target.wait_for_more(2 + round % 3);
        ferroalloy.kill_after(Duration::from_millis(round as u64 % 8));
        in_flight.insert(target.last());
        ferroalloy.start();
    }
    target.wait_for_more(2);
    prometheus.start();

    // A sample served after the return of Prometheus shows that the queue is drained up to there: order is kept.
    target.wait_for_more(2);
    let last = target.last() - 1;
    wait_for("the last sample", Duration::from_secs(90), || ferroalloy.checked(prometheus.values("served_total").contains(&last)));
    let arrived = prometheus.values("served_total");
    let missing: Vec<u64> = (1..=last).filter(|n| !arrived.contains(n) && !in_flight.contains(n)).collect();
    assert!(missing.is_empty(), "of {last} samples served {missing:?} never arrived\n{}", ferroalloy.log());
    assert!(arrived.windows(2).all(|pair| pair[0] < pair[1]), "arrived twice or out of order: {arrived:?}");
    let lost = (1..=last).filter(|n| !arrived.contains(n)).count();
    eprintln!("{last} samples served, {} arrived, {lost} were under way at one of {rounds} kills", arrived.len());
}
