//! The most common pair of real files, `discovery.docker` and `loki.source.docker`, with a real daemon.

use super::daemon::Daemon;
use super::processes::{Ferroalloy, wait_for};
use super::receiver::PushReceiver;
use std::time::Duration;

/// Lines that a container writes in one life.
const LINES: usize = 400;

fn config(host: &str, receiver: &str) -> String {
    format!(
        r#"discovery.docker "here" {{
  host             = "{host}"
  refresh_interval = "1s"
}}

discovery.relabel "names" {{
  targets = []

  rule {{
    source_labels = ["__meta_docker_container_name"]
    regex         = "/(.+)"
    target_label  = "container"
  }}

  rule {{
    source_labels = ["__meta_docker_container_log_stream"]
    target_label  = "stream"
  }}
}}

loki.source.docker "here" {{
  host          = "{host}"
  targets       = discovery.docker.here.targets
  relabel_rules = discovery.relabel.names.rules
  forward_to    = [loki.write.main.receiver]
}}

loki.write "main" {{
  endpoint {{
    url        = "http://{receiver}/loki/api/v1/push"
    batch_wait = "100ms"
  }}
}}
"#
    )
}

/// Writes numbered lines of this life, 200 a second, and waits to be stopped.
fn script(redirect: &str) -> String {
    format!(
        "life=$(cat /life 2>/dev/null || echo 0); echo $((life+1)) >/life; i=0; \
         while [ $i -lt {LINES} ]; do echo \"life $life line $i\" {redirect}; i=$((i+1)); usleep 5000; done; sleep 600"
    )
}

/// Containers write all the time; the program is killed and started again, and a container is restarted while the
/// program runs and while it does not. Every line the daemon knows must arrive.
#[test]
fn lines_of_containers_survive_restarts_of_both_sides() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let Some(daemon) = Daemon::start(dir.path()) else { return };
    let receiver = PushReceiver::start();
    let mut ferroalloy = Ferroalloy::new(dir.path(), &config(daemon.host(), receiver.address()));
    let containers = [("talker", "", "stdout"), ("grumbler", ">&2", "stderr")];
    for (name, redirect, _) in containers {
        daemon.run(name, &script(redirect));
    }
    let more = |count: usize, ferroalloy: &mut Ferroalloy| {
        let wanted = receiver.len() + count;
        wait_for("more lines", Duration::from_secs(60), || ferroalloy.checked(receiver.len() >= wanted));
    };
    ferroalloy.start();
    more(60, &mut ferroalloy);
    ferroalloy.kill_after(Duration::ZERO);
    daemon.docker(&["restart", "-t", "0", "talker"]).expect("restarted");
    ferroalloy.start();
    more(60, &mut ferroalloy);
    daemon.docker(&["restart", "-t", "0", "grumbler"]).expect("restarted");
    more(60, &mut ferroalloy);
    ferroalloy.kill_after(Duration::ZERO);
    ferroalloy.start();

    let last = format!("life 1 line {}", LINES - 1);
    for (name, _, output) in containers {
        let labels = format!("{{container=\"{name}\", stream=\"{output}\"}}");
        wait_for("the last line", Duration::from_secs(60), || ferroalloy.checked(receiver.count(&labels, &last) > 0));
        let written = daemon.lines(name);
        assert!(written.len() > LINES, "both lives have written: {}", written.len());
        let missing: Vec<&String> = written.iter().filter(|line| receiver.count(&labels, line) == 0).collect();
        assert!(missing.is_empty(), "of {} lines of {name} never arrived: {missing:?}\n{}", written.len(), ferroalloy.log());
        let twice = written.iter().filter(|line| receiver.count(&labels, line) > 1).count();
        eprintln!("{name}: all of {} lines arrived, {twice} of them again after a kill", written.len());
    }
}
