//! `processes`: how many processes and threads there are, and in which state.

use super::Collector;
use super::context::{CollectError, Collected, Ctx};
use crate::base::Exposition;

pub(super) struct Processes;

/// Counts per state, a letter each.
type States = [u32; 256];

#[derive(Debug)]
struct Totals {
    processes: u32,
    threads: u64,
    by_process: States,
    by_thread: States,
}

impl Collector for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn collect(&self, ctx: &Ctx, out: &mut Exposition) -> Collected {
        let totals = count(ctx)?;
        out.gauge("node_processes_threads", "Threads there are.", &[], totals.threads as f64);
        let limit = ctx.number(&ctx.proc, "sys/kernel/threads-max")?;
        out.gauge("node_processes_max_threads", "Threads there can be.", &[], limit as f64);
        states(out, "node_processes_state", "state", &totals.by_process);
        states(out, "node_processes_threads_state", "thread_state", &totals.by_thread);
        let limit = ctx.number(&ctx.proc, "sys/kernel/pid_max")?;
        out.gauge("node_processes_pids", "Processes there are.", &[], f64::from(totals.processes));
        out.gauge("node_processes_max_processes", "Process ids there can be.", &[], limit as f64);
        Ok(())
    }
}

fn states(out: &mut Exposition, name: &str, label: &str, states: &States) {
    for (letter, count) in (0_u8..=u8::MAX).zip(states).filter(|(_, count)| **count > 0) {
        let mut buffer = [0; 4];
        out.gauge(name, "How many are in each state.", &[(label, char::from(letter).encode_utf8(&mut buffer))], f64::from(*count));
    }
}

fn count(ctx: &Ctx) -> Collected<Totals> {
    let mut totals = Totals { processes: 0, threads: 0, by_process: [0; 256], by_thread: [0; 256] };
    for (pid, name) in ctx.numbered(&ctx.proc, "") {
        let Some((state, threads)) = stat(ctx, &ctx.proc, &name)? else { continue };
        totals.processes += 1;
        totals.threads += threads;
        totals.by_process[usize::from(state)] += 1;
        // The first thread is the process itself; most have no other, so their tasks need no look.
        totals.by_thread[usize::from(state)] += 1;
        if threads > 1 {
            let tasks = format!("{}/{name}/task", ctx.proc);
            for (_, task) in ctx.numbered(&tasks, "").iter().filter(|(task, _)| *task != pid) {
                if let Some((state, _)) = stat(ctx, &tasks, task)? {
                    totals.by_thread[usize::from(state)] += 1;
                }
            }
        }
    }
    Ok(totals)
}

/// State and number of threads. Nothing when the process has ended since the folder was listed.
fn stat(ctx: &Ctx, folder: &str, name: &str) -> Collected<Option<(u8, u64)>> {
    let text = match ctx.join(folder, &format!("{name}/stat")) {
        Ok(text) => text,
        Err(error) if error.is_missing() || error.os_code() == Some(libc::ESRCH) => return Ok(None),
        Err(error) => return Err(error),
    };
    // The command stands in parentheses and may hold spaces and parentheses itself.
    let fields = text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
    let found = fields.and_then(|mut fields| Some((*fields.next()?.as_bytes().first()?, fields.nth(16)?.parse().ok()?)));
    found.map(Some).ok_or_else(|| CollectError::parse(format!("{folder}/{name}/stat"), "no state or no number of threads"))
}

#[cfg(test)]
mod tests {
    use crate::unix::testing::check;
    use expect_test::expect;

    #[test]
    fn counts_states_and_skips_what_ended() {
        let files = [
            ("proc/1/stat", "1 (a) b)) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 29 0 0\n"),
            ("proc/20/stat", "20 (two) R 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 2 0 29 0 0\n"),
            ("proc/20/task/20/stat", "20 (two) R 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 2 0 29 0 0\n"),
            ("proc/20/task/21/stat", "21 (two) D 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 2 0 29 0 0\n"),
            ("proc/30/", ""),
            ("proc/sys/kernel/threads-max", "7801\n"),
            ("proc/sys/kernel/pid_max", "123\n"),
        ];
        check(
            "processes",
            &files,
            |_| {},
            &expect![[r#"
            # TYPE node_processes_max_processes gauge
            node_processes_max_processes 123
            # TYPE node_processes_max_threads gauge
            node_processes_max_threads 7801
            # TYPE node_processes_pids gauge
            node_processes_pids 2
            # TYPE node_processes_state gauge
            node_processes_state{state="R"} 1
            node_processes_state{state="S"} 1
            # TYPE node_processes_threads gauge
            node_processes_threads 3
            # TYPE node_processes_threads_state gauge
            node_processes_threads_state{thread_state="D"} 1
            node_processes_threads_state{thread_state="R"} 1
            node_processes_threads_state{thread_state="S"} 1
        "#]],
        );
        check(
            "processes",
            &[("proc/1/stat", "1 (a) S\n")],
            |_| {},
            &expect!["error: unexpected content in DIR/proc/1/stat: no state or no number of threads\n"],
        );
    }
}
