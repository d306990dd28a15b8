//! `stage.geoip` extracts what a MaxMind database knows of an address.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::extracted::{Key, Value};
use crate::process::jmespath::Expression;
use crate::process::json;
use crate::process::pipeline::{Build, Scratch};
use maxminddb::Reader;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::net::IpAddr;
use value::{Arguments, ValidateError};

/// Extracts what a MaxMind database knows of an address.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct GeoipArgs {
    /// The file of the database.
    #[alloy(attr)]
    db: String,
    /// The extracted value that is the address.
    #[alloy(attr)]
    source: String,
    /// What the database is about: `city`, `country` or `asn`. May be empty when there are lookups of one's own.
    #[alloy(attr, default = "")]
    db_type: String,
    /// Names of values, and the JMESPath expressions that find them in the record of the address.
    #[alloy(attr, optional)]
    custom_lookups: BTreeMap<String, String>,
}

/// A value, and the path to it in a record. The last element of a list counts.
struct Field {
    key: Key,
    path: &'static [&'static str],
}

struct Geoip {
    reader: Option<Reader<Vec<u8>>>,
    source: Key,
    fields: Vec<Field>,
    lookups: Vec<(Key, Expression)>,
}

type Path = (&'static str, &'static [&'static str]);

const COUNTRY: &[Path] = &[
    ("geoip_country_name", &["country", "names", "en"]),
    ("geoip_country_code", &["country", "iso_code"]),
    ("geoip_continent_name", &["continent", "names", "en"]),
    ("geoip_continent_code", &["continent", "code"]),
];
const CITY: &[Path] = &[
    ("geoip_city_name", &["city", "names", "en"]),
    ("geoip_postal_code", &["postal", "code"]),
    ("geoip_timezone", &["location", "time_zone"]),
    ("geoip_subdivision_name", &["subdivisions", "names", "en"]),
    ("geoip_subdivision_code", &["subdivisions", "iso_code"]),
    ("geoip_location_latitude", &["location", "latitude"]),
    ("geoip_location_longitude", &["location", "longitude"]),
];
const ASN: &[Path] = &[
    ("geoip_autonomous_system_number", &["autonomous_system_number"]),
    ("geoip_autonomous_system_organization", &["autonomous_system_organization"]),
];

impl BuildStage for GeoipArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        let empty = |field: &str| Err(ValidateError::at(field, format!("`{field}` must not be empty")));
        if self.db.is_empty() {
            return empty("db");
        }
        if self.source.is_empty() {
            return empty("source");
        }
        let tables: &[&[Path]] = match &*self.db_type {
            "" if self.custom_lookups.is_empty() => return Err(ValidateError::new("`db_type` or `custom_lookups` is needed")),
            "" => &[],
            "city" => &[COUNTRY, CITY],
            "country" => &[COUNTRY],
            "asn" => &[ASN],
            other => return Err(ValidateError::at("db_type", format!("{other:?} is not known; use `city`, `country` or `asn`"))),
        };
        let fields = tables.iter().copied().flatten().map(|(name, path)| Field { key: build.key(name), path }).collect();
        let mut lookups = Vec::new();
        for (name, text) in &self.custom_lookups {
            let text = if text.is_empty() { name } else { text };
            let fault = |cause| ValidateError::at("custom_lookups", format!("{text:?} is not a JMESPath expression: {cause}")).key(name);
            lookups.push((build.key(name), Expression::compile(text).map_err(fault)?));
        }
        // A check of arguments opens no files.
        let open = || {
            Reader::open_readfile(&self.db)
                .map_err(|error| ValidateError::at("db", format!("the database {:?} cannot be opened: {error}", self.db)))
        };
        let reader = build.metrics.map(|_| open()).transpose()?;
        Ok(Box::new(Geoip { reader, source: build.key(&self.source), fields, lookups }))
    }
}

fn find<'v>(record: &'v Json, path: &[&str]) -> Option<&'v Json> {
    path.iter().try_fold(record, |value, name| match value {
        Json::Array(items) => items.last()?.get(name),
        value => value.get(name),
    })
}

/// A value of a record; nothing for empty text and null.
fn simple(value: &Json) -> Option<Value> {
    match value {
        Json::Null => None,
        Json::Bool(flag) => Some(Value::Bool(*flag)),
        Json::Number(number) => Some(Value::Number(number.as_f64()?)),
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(Value::text(text.clone())),
        other => Some(Value::text(json::write(other))),
    }
}

impl Stage for Geoip {
    fn run(&self, work: &mut Work, _scratch: &mut Scratch) -> Flow {
        let Some(reader) = &self.reader else { return Flow::Next };
        let Some(text) = work.extracted.get(self.source).and_then(|value| value.text()) else { return Flow::Next };
        let Ok(address) = text.parse::<IpAddr>() else {
            tracing::debug!(source = %text, "the value is no address");
            return Flow::Next;
        };
        let Ok(Some(record)) = reader.lookup::<Json>(address) else { return Flow::Next };
        // Nowhere is at latitude and longitude 0.
        let coordinate = |name: &str| find(&record, &["location", name]).and_then(Json::as_f64).unwrap_or(0.0);
        let nowhere = coordinate("latitude") == 0.0 && coordinate("longitude") == 0.0;
        for field in &self.fields {
            let hidden = nowhere && field.path.first() == Some(&"location") && field.path != ["location", "time_zone"];
            if let Some(value) = find(&record, field.path).and_then(simple).filter(|_| !hidden) {
                work.extracted.set(field.key, value);
            }
        }
        for (key, expression) in &self.lookups {
            if let Some(value) = expression.search(&record).as_ref().and_then(simple) {
                work.extracted.set(*key, value);
            }
        }
        Flow::Next
    }
}

#[cfg(test)]
mod tests {
    use crate::process::component_tests::run_lines;

    fn text(text: &str) -> Vec<u8> {
        [&[0x40 | text.len() as u8], text.as_bytes()].concat()
    }

    fn number(n: u8) -> Vec<u8> {
        vec![0xc1, n]
    }

    fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut out = vec![0xe0 | members.len() as u8];
        for (name, value) in members {
            out.extend(text(name));
            out.extend(value);
        }
        out
    }

    /// A database that knows one network: 0.0.0.0/1.
    fn database() -> Vec<u8> {
        let names = map(&[("en", text("Atlantis"))]);
        let record =
            map(&[("country", map(&[("names", names), ("iso_code", text("AT"))])), ("location", map(&[("time_zone", text("UTC"))]))]);
        let metadata = map(&[
            ("node_count", number(1)),
            ("record_size", number(24)),
            ("ip_version", number(4)),
            ("database_type", text("Test")),
            ("languages", vec![0x00, 0x04]),
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", number(1)),
            ("description", map(&[])),
        ]);
        // The left half points to the first record, the right one says that nothing is known.
        let tree = [0, 0, 1 + 16, 0, 0, 1];
        [&tree[..], &[0; 16], &record, b"\xab\xcd\xefMaxMind.com", &metadata].concat()
    }

    #[tokio::test]
    async fn extracts_what_is_known_of_an_address() {
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(file.path(), database()).expect("the file can be written");
        let config = format!(
            r#"
            forward_to = [capture.logs]
            stage.regex {{ expression = "(?P<ip>.*)" }}
            stage.geoip {{
                db = {:?}
                source = "ip"
                db_type = "city"
                custom_lookups = {{land = "country.names.en"}}
            }}
            stage.labels {{ values = {{geoip_country_code = "", geoip_timezone = "", land = ""}} }}
            "#,
            file.path()
        );
        let lines = run_lines(&config, &["1.2.3.4", "200.1.1.1", "no address"]).await;
        assert_eq!(
            lines,
            [
                r#"{geoip_country_code="AT", geoip_timezone="UTC", job="t", land="Atlantis"} 1.2.3.4"#,
                r#"{job="t"} 200.1.1.1"#,
                r#"{job="t"} no address"#
            ]
        );
    }
}
