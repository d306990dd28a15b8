//! `prometheus.exporter.unix` serves the figures of the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;

use super::UnixExporter;
use super::config::{ConfigError, UnixConfig};
use crate::base::Exposition;
use crate::page::{Out, Page, Serve, host, target};

pub(crate) static COMPONENT: Registration = Registration::of::<Unix>("prometheus.exporter.unix", Stability::GenerallyAvailable);

struct Unix {
    machine: Arc<Machine>,
    /// The page is taken away when this is dropped.
    _options: Options<Out>,
}

/// The collectors and what a page is made with. Scrapes wait for each other.
struct Machine {
    state: Mutex<State>,
    in_flight: AtomicU32,
}

struct State {
    exporter: UnixExporter,
    about_itself: bool,
    out: Exposition,
    size: usize,
    served: u64,
}

impl Page for Machine {
    fn page(&self) -> String {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        let page = self.state.lock().page(self.in_flight.load(Ordering::Relaxed));
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        page
    }
}

impl State {
    fn page(&mut self, in_flight: u32) -> String {
        self.out.clear();
        self.exporter.collect(&mut self.out);
        build_info(&mut self.out);
        for cause in ["encoding", "gathering"] {
            self.out.counter("promhttp_metric_handler_errors_total", "Pages that could not be made.", &[("cause", cause)], 0.0);
        }
        if self.about_itself {
            self.out.gauge("promhttp_metric_handler_requests_in_flight", "Pages being made.", &[], f64::from(in_flight));
            for (code, count) in [("200", self.served), ("500", 0), ("503", 0)] {
                self.out.counter("promhttp_metric_handler_requests_total", "Pages served, by status.", &[("code", code)], count as f64);
            }
        }
        // Pages of one machine hardly differ in size.
        let mut page = String::with_capacity(self.size + self.size / 16);
        self.out.render(&mut page);
        self.size = page.len();
        self.served += 1;
        page
    }
}

fn build_info(out: &mut Exposition) {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let labels = [
        ("branch", ""),
        ("goarch", arch),
        ("goos", std::env::consts::OS),
        ("goversion", ""),
        ("revision", "unknown"),
        ("tags", ""),
        ("version", concat!("v", env!("CARGO_PKG_VERSION"))),
    ];
    out.gauge("node_exporter_build_info", "The program that serves these metrics.", &labels, 1.0);
}

/// The option at fault as a block or attribute of the configuration.
fn refuse(error: ConfigError) -> BuildError {
    let option = error.option();
    BuildError::of(option.split('.').next().unwrap_or(option), error.to_string())
}

fn exporter(args: &UnixConfig) -> Result<UnixExporter, BuildError> {
    UnixExporter::new(args).map_err(refuse)
}

impl Component for Unix {
    type Args = UnixConfig;
    type Exports = Out;

    fn build(args: UnixConfig, options: Options<Out>) -> Result<Self, BuildError> {
        let state =
            State { exporter: exporter(&args)?, about_itself: args.include_exporter_metrics, out: Exposition::new(), size: 0, served: 0 };
        let machine = Arc::new(Machine { state: Mutex::new(state), in_flight: AtomicU32::new(0) });
        options.mount(Arc::new(Serve(Arc::clone(&machine))));
        options.export(target(&options, "unix", &host(&options)));
        Ok(Unix { machine, _options: options })
    }

    fn update(&self, args: UnixConfig) -> Result<(), BuildError> {
        let exporter = exporter(&args)?;
        let mut state = self.machine.state.lock();
        state.exporter = exporter;
        state.about_itself = args.include_exporter_metrics;
        state.out = Exposition::new();
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::testing::{Built, build};
    use component::ComponentId;
    use expect_test::expect;
    use value::Arguments as _;
    use value::schema::{FieldKind, FieldSchema};

    const ID: &str = "prometheus.exporter.unix.d";

    fn few() -> UnixConfig {
        UnixConfig { set_collectors: vec!["uname".to_owned()], ..UnixConfig::default() }
    }

    fn families(page: &str) -> Vec<&str> {
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect()
    }

    async fn page(built: &Built) -> String {
        built.get(&format!("{ID}/metrics")).await
    }

    #[tokio::test]
    async fn serves_the_chosen_collectors_and_follows_updates() {
        let built = build(&COMPONENT, ComponentId::root(ID), &few());
        let first = page(&built).await;
        let base = [
            "node_exporter_build_info gauge",
            "node_scrape_collector_duration_seconds gauge",
            "node_scrape_collector_success gauge",
            "node_uname_info gauge",
            "promhttp_metric_handler_errors_total counter",
        ];
        assert_eq!(families(&first), base);
        built.instance.update(&UnixConfig { include_exporter_metrics: true, ..few() }).expect("the arguments are valid");
        let second = page(&built).await;
        assert_eq!(
            families(&second)[5..],
            ["promhttp_metric_handler_requests_in_flight gauge", "promhttp_metric_handler_requests_total counter"]
        );
        assert!(second.contains("promhttp_metric_handler_requests_in_flight 1\n"), "{second}");
        let refused = built.instance.update(&UnixConfig {
            netstat: super::super::config::NetstatConfig { fields: "(".to_owned() },
            set_collectors: vec![],
            ..few()
        });
        assert_eq!(refused.expect_err("the expression is broken").field, Some("netstat"));
        assert_eq!(families(&page(&built).await).len(), 7);
    }

    #[test]
    fn exports_one_target() {
        let built = build(&COMPONENT, ComponentId { module: "m.one".to_owned(), local: ID.to_owned() }, &few());
        let exports = format!("{:?}", built.seen.lock());
        let mut labels: Vec<&str> = exports.split('"').skip(1).step_by(2).collect();
        // The only value that the environment may change.
        let host = labels.iter().position(|label| *label == "instance").expect("there is an instance") + 1;
        assert_eq!(labels[host], std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty()).as_deref().unwrap_or("this-host"));
        labels[host] = "this-host";
        expect![[r#"
            [
                "targets",
                "__address__",
                "alloy.internal:12345",
                "__meta_component_id",
                "m.one/prometheus.exporter.unix.d",
                "__meta_component_name",
                "m.one/prometheus.exporter.unix",
                "__metrics_path__",
                "/api/v0/component/m.one/prometheus.exporter.unix.d/metrics",
                "__scheme__",
                "http",
                "instance",
                "this-host",
                "job",
                "integrations/unix",
            ]
        "#]]
        .assert_debug_eq(&labels);
    }

    #[test]
    fn the_schema_is_the_recorded_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/components.jsonl");
        let Ok(recording) = std::fs::read_to_string(&path) else {
            eprintln!("unix: skipped, there is no recording");
            return;
        };
        let recorded =
            recording.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of the recording is JSON"));
        let recorded = recorded.into_iter().find(|component| component["name"] == "prometheus.exporter.unix").expect("it is recorded");
        let expected =
            recorded["arguments"].as_array().into_iter().flatten().flat_map(|field| recorded_lines("", field)).collect::<Vec<_>>();
        let ours = UnixConfig::schema().fields.iter().flat_map(|field| our_lines("", field)).collect::<Vec<_>>();
        assert_eq!(ours, expected);
    }

    fn recorded_lines(prefix: &str, field: &serde_json::Value) -> Vec<String> {
        let text = |key: &str| field[key].as_str().unwrap_or_default();
        let name = format!("{prefix}{}", text("name"));
        match field["fields"].as_array() {
            Some(fields) => fields.iter().flat_map(|field| recorded_lines(&format!("{name}."), field)).collect(),
            None => vec![format!("{name} {} {}", text("type"), text("default"))],
        }
    }

    fn our_lines(prefix: &str, field: &FieldSchema) -> Vec<String> {
        let name = format!("{prefix}{}", field.name);
        match &field.kind {
            FieldKind::Block { schema, .. } => schema().fields.iter().flat_map(|field| our_lines(&format!("{name}."), field)).collect(),
            FieldKind::Attr { ty, .. } => vec![format!("{name} {ty} {}", field.default.as_deref().unwrap_or_default())],
            _ => vec![],
        }
    }
}
