//! Targets of containers.

use super::*;
use component::testing::Driver;
use docker::Port;

fn args() -> Args {
    Args {
        host: "unix:///x".into(),
        port: 80,
        host_networking_host: "localhost".into(),
        refresh_interval: Duration::from_secs(60),
        match_first_network: true,
        filters: Vec::new(),
        client: ClientArgs::default(),
    }
}

fn container(id: &str, mode: &str, networks: &[(&str, &str)]) -> Container {
    let endpoint = |(name, ip): &(&str, &str)| ((*name).to_owned(), Endpoint { network_id: format!("id-{name}"), ip: (*ip).to_owned() });
    Container {
        id: id.into(),
        names: vec![format!("/{id}")],
        network_mode: mode.into(),
        networks: networks.iter().map(endpoint).collect(),
        ..Container::default()
    }
}

fn shown(args: &Args, containers: &[Container]) -> String {
    let network = Network {
        id: "id-a".into(),
        name: "a".into(),
        scope: "local".into(),
        labels: HashMap::from([("x.y".into(), "1".into())]),
        ..Network::default()
    };
    targets(args, containers, &[network]).iter().map(|t| format!("{t:?}\n").replace("__meta_docker_", "~")).collect()
}

#[test]
fn labels_are_those_of_prometheus() {
    let mut web = container("web", "a", &[("b", "10.0.1.2"), ("a", "10.0.0.2")]);
    web.labels = HashMap::from([("com.lab/tier".into(), "x".into())]);
    web.image = "nginx".into();
    let tcp = |private, public| Port { tcp: true, private, public, ip: public.map_or(String::new(), |_| "0.0.0.0".into()) };
    web.ports = vec![tcp(80, Some(8080)), tcp(443, None), Port { tcp: false, private: 53, ..Port::default() }];
    let side = container("side", "container:web", &[]);
    let host = container("host", "host", &[("host", "")]);
    let v6 = container("v6", "bridge", &[("bridge", "fd00::2")]);
    let text = shown(&args(), &[web.clone(), side, host, v6]);
    let network = r#"~network_id="id-a", ~network_ingress="false", ~network_internal="false", ~network_ip="10.0.0.2", ~network_label_x_y="1", ~network_name="a", ~network_scope="local""#;
    let web_labels = r#"~container_id="web", ~container_image="nginx", ~container_label_com_lab_tier="x", ~container_name="/web", ~container_network_mode="a""#;
    let want = [
        format!(r#"{{__address__="10.0.0.2:80", {web_labels}, {network}, ~port_private="80", ~port_public="8080", ~port_public_ip="0.0.0.0"}}"#),
        format!(r#"{{__address__="10.0.0.2:443", {web_labels}, {network}, ~port_private="443"}}"#),
        format!(r#"{{__address__="10.0.0.2:80", ~container_id="side", ~container_name="/side", ~container_network_mode="container:web", {network}}}"#),
        r#"{__address__="localhost", ~container_id="host", ~container_name="/host", ~container_network_mode="host", ~network_ip=""}"#.to_owned(),
        r#"{__address__="[fd00::2]:80", ~container_id="v6", ~container_name="/v6", ~container_network_mode="bridge", ~network_ip="fd00::2"}"#.to_owned(),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), want);
    let both = shown(&Args { match_first_network: false, ..args() }, &[web]);
    assert_eq!(both.lines().count(), 4);
}

#[tokio::test]
async fn bad_arguments_are_refused() {
    for (text, want) in [
        ("host = \"\"", "host attribute must not be empty"),
        ("host = \"unix:///x\"\nrefresh_interval = \"0s\"", "refresh_interval must be greater than 0"),
    ] {
        let error = Driver::start(&COMPONENT, text).err().unwrap_or_default();
        assert!(error.contains(want), "{error}");
    }
    let driver = Driver::start(&COMPONENT, "host = \"unix:///nowhere/docker.sock\"").expect("good arguments");
    let unhealthy = |d: &Driver| d.health().is_some_and(|h| h.state == component::HealthState::Unhealthy && h.message.contains("nowhere"));
    assert!(driver.wait_for(unhealthy).await, "{:?}", driver.health());
}
