//! From a discovered target to what is scraped: final labels, address, interval.

use super::args::Args;
use super::ingest::add_target;
use data::{Labels, LabelsBuilder, Target};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// A target, ready to be scraped.
#[derive(Debug, PartialEq)]
pub(super) struct Spec {
    /// The labels of its series.
    pub(super) labels: Labels,
    /// `host:port` as it was discovered.
    pub(super) address: String,
    /// The path of the page.
    pub(super) path: String,
    /// The query, encoded.
    pub(super) query: String,
    /// The whole address of the page.
    pub(super) url: String,
    /// How often.
    pub(super) interval: Duration,
    /// How long at most.
    pub(super) timeout: Duration,
    /// Tells it from other targets.
    pub(super) identity: u64,
}

/// Why a target cannot be scraped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unusable(String);

impl Spec {
    /// What to scrape for `target`; `job` is its job where it has none.
    ///
    /// # Errors
    /// When it has no usable address, interval or timeout.
    pub(super) fn new(target: &Target, args: &Args, job: &str) -> Result<Self, Unusable> {
        let get = |name: &str| target.get(name).filter(|value| !value.is_empty());
        let address = get("__address__").ok_or_else(|| Unusable("it has no label `__address__`".into()))?;
        if address.contains('/') {
            return Err(Unusable(format!("the address {address:?} is not `host:port`: put the path into `__metrics_path__`")));
        }
        let interval = time(get("__scrape_interval__"), args.scrape_interval.std(), "interval")?;
        let timeout = time(get("__scrape_timeout__"), args.scrape_timeout.std(), "timeout")?;
        if timeout > interval {
            return Err(Unusable(format!("its timeout ({timeout:?}) is greater than its interval ({interval:?})")));
        }
        let mut labels = LabelsBuilder::default();
        for pair in target.pairs().iter().filter(|p| !p.name().starts_with("__") && !p.value().is_empty()) {
            labels.set_pair(pair);
        }
        for (name, value) in [("job", job), ("instance", address)] {
            if labels.get(name).is_none() {
                labels.set(name, value);
            }
        }
        let path = get("__metrics_path__").unwrap_or(&args.metrics_path).to_owned();
        let query = query(target, &args.params);
        let url = url(get("__scheme__").unwrap_or(&args.scheme), address, &path, &query);
        let labels = labels.build();
        let mut hasher = foldhash::fast::FixedState::with_seed(0x7a67).build_hasher();
        hasher.write_u64(labels.hash64());
        hasher.write(url.as_bytes());
        Ok(Self { labels, address: address.to_owned(), path, query, url, interval, timeout, identity: hasher.finish() })
    }

    /// The labels of a series about the scrape itself.
    pub(super) fn report_labels(&self, name: &str) -> Labels {
        let mut builder = LabelsBuilder::default();
        builder.set("__name__", name);
        add_target(&mut builder, &self.labels, false, |_| false);
        builder.build()
    }

    /// When in an interval it is scraped, so that targets spread over it: always at the same time.
    pub(super) fn offset(&self, seed: u64) -> Duration {
        let interval = self.interval.as_nanos().max(1);
        Duration::from_nanos(u64::try_from(u128::from(self.labels.hash64() ^ seed) % interval).unwrap_or_default())
    }
}

fn time(label: Option<&str>, otherwise: Duration, what: &str) -> Result<Duration, Unusable> {
    let Some(text) = label else { return Ok(otherwise) };
    match parse_duration(text) {
        Some(time) if !time.is_zero() => Ok(time),
        Some(_) => Err(Unusable(format!("its scrape {what} is 0"))),
        None => Err(Unusable(format!("its scrape {what} {text:?} is not a duration: write, for example, 30s"))),
    }
}

/// A duration as Prometheus writes them: `1d12h`, `30s`, `500ms`; units from large to small, each once.
fn parse_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 7] =
        [("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut from, mut millis) = (text, 0, 0u64);
    while !rest.is_empty() || from == 0 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = UNITS.iter().position(|(name, _)| *name == &rest[..letters]).filter(|unit| *unit >= from)?;
        rest = &rest[letters..];
        from = unit + 1;
        millis = millis.checked_add(number.checked_mul(UNITS[unit].1)?)?;
    }
    Some(Duration::from_millis(millis))
}

/// `scheme://address/path?query`
fn url(scheme: &str, address: &str, path: &str, query: &str) -> String {
    let mut url = format!("{scheme}://{address}");
    if !path.is_empty() && !path.starts_with('/') {
        url.push('/');
    }
    escape(path, b"/$&+,:;=@-_.~", &mut url);
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    url
}

/// The configured parameters; the label `__param_NAME` takes the place of the first value of `NAME`.
fn query(target: &Target, params: &BTreeMap<String, Vec<String>>) -> String {
    let mut all: BTreeMap<&str, Vec<&str>> =
        params.iter().map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect())).collect();
    for (name, value) in target.iter() {
        let Some(name) = name.strip_prefix("__param_").filter(|_| !value.is_empty()) else { continue };
        match all.entry(name).or_default().first_mut() {
            Some(first) => *first = value,
            None => all.entry(name).or_default().push(value),
        }
    }
    let mut query = String::new();
    for (name, value) in all.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
        if !query.is_empty() {
            query.push('&');
        }
        escape(name, b"-_.~ ", &mut query);
        query.push('=');
        escape(value, b"-_.~ ", &mut query);
    }
    query
}

/// Percent-encodes all but letters, digits and `plain`; an allowed blank becomes `+`.
fn escape(text: &str, plain: &[u8], out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' if plain.contains(&b' ') => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || plain.contains(&byte) => out.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => _ = write!(out, "%{byte:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_prometheus_does() {
        for (text, millis) in [
            ("0", Some(0)),
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1d2h", Some(93_600_000)),
            ("1s1m", None),
            ("1s1s", None),
            ("1.5s", None),
            ("soon", None),
            ("", None),
            ("10", None),
            ("s", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(parse_duration(text), millis.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(url("http", "h:1", "a b/c?d", ""), "http://h:1/a%20b/c%3Fd");
        let target = Target::from_pairs([("__param_module", "tcp"), ("__param_new", "ü")]);
        let params = BTreeMap::from([("module".to_owned(), vec!["dns".to_owned(), "icmp".to_owned()]), ("empty".to_owned(), vec![])]);
        assert_eq!(query(&target, &params), "module=tcp&module=icmp&new=%C3%BC");
    }
}
