//! Asks mounts for their figures on a thread of its own, so that a mount whose server is gone delays one scrape by the timeout and no later one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;

/// The figures of a mount, in bytes and file nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage {
    pub(super) size: f64,
    pub(super) free: f64,
    pub(super) available: f64,
    pub(super) files: f64,
    pub(super) files_free: f64,
}

/// The figures, or nothing when the mount failed or did not answer in time.
pub(super) type Answer = Option<Usage>;

type Ask = fn(&str) -> Answer;

/// Mount points that did not answer in time and have not answered since.
type Stuck = Arc<Mutex<BTreeSet<String>>>;

#[derive(Debug)]
pub(super) struct Statfs {
    timeout: Duration,
    ask: Ask,
    stuck: Stuck,
    worker: RefCell<Option<Worker>>,
}

#[derive(Debug)]
struct Worker {
    questions: SyncSender<String>,
    answers: Receiver<Answer>,
}

impl Statfs {
    /// Waits at most `timeout` for each mount.
    pub(super) fn new(timeout: Duration) -> Self {
        Self::with(timeout, statfs)
    }

    fn with(timeout: Duration, ask: Ask) -> Self {
        Statfs { timeout, ask, stuck: Stuck::default(), worker: RefCell::default() }
    }

    /// One answer per path. A path that is stuck is not asked again until its last question was answered.
    pub(super) fn ask(&self, paths: Vec<String>) -> Vec<Answer> {
        paths.into_iter().map(|path| self.one(path)).collect()
    }

    fn one(&self, path: String) -> Answer {
        if self.stuck.lock().contains(&path) {
            return None;
        }
        let mut worker = self.worker.borrow_mut();
        let talk = match worker.as_ref() {
            Some(talk) => talk,
            None => worker.insert(start(self.ask, Arc::clone(&self.stuck)).ok()?),
        };
        talk.questions.send(path.clone()).ok()?;
        match talk.answers.recv_timeout(self.timeout) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                let mut stuck = self.stuck.lock();
                // The answer may have come just now; then the mount is slow, not stuck.
                let late = talk.answers.try_recv().ok();
                if late.is_none() {
                    tracing::warn!(path, "mount does not answer and is left out until it does");
                    stuck.insert(path);
                    // The thread stays with the mount and ends when that answers; the next question starts another.
                    *worker = None;
                }
                late.flatten()
            }
            Err(RecvTimeoutError::Disconnected) => {
                *worker = None;
                None
            }
        }
    }
}

fn start(ask: Ask, stuck: Stuck) -> std::io::Result<Worker> {
    let (questions, inbox) = sync_channel::<String>(1);
    let (outbox, answers) = sync_channel(1);
    let run = move || {
        while let Ok(path) = inbox.recv() {
            let answer = ask(&path);
            let mut stuck = stuck.lock();
            if outbox.send(answer).is_err() || stuck.contains(&path) {
                stuck.remove(&path);
                return;
            }
        }
    };
    std::thread::Builder::new().name("statfs".into()).stack_size(64 << 10).spawn(run)?;
    Ok(Worker { questions, answers })
}

fn statfs(path: &str) -> Answer {
    let path = CString::new(path).ok()?;
    // SAFETY: all-zero bytes are a valid `statfs`: numbers only.
    let mut figures: libc::statfs64 = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call, and the path has an end.
    if unsafe { libc::statfs64(path.as_ptr(), &raw mut figures) } != 0 {
        return None;
    }
    let block = figures.f_bsize as f64;
    Some(Usage {
        size: figures.f_blocks as f64 * block,
        free: figures.f_bfree as f64 * block,
        available: figures.f_bavail as f64 * block,
        files: figures.f_files as f64,
        files_free: figures.f_ffree as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    static RELEASE: AtomicBool = AtomicBool::new(false);
    const FINE: Usage = Usage { size: 1.0, free: 1.0, available: 1.0, files: 1.0, files_free: 1.0 };

    fn hangs(path: &str) -> Answer {
        while path == "/hung" && !RELEASE.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        Some(FINE)
    }

    #[test]
    fn a_hung_mount_is_left_out_until_it_answers() {
        let statfs = Statfs::with(Duration::from_millis(50), hangs);
        let ask = || statfs.ask(vec!["/a".into(), "/hung".into(), "/b".into()]);
        assert_eq!(ask(), [Some(FINE), None, Some(FINE)]);
        let began = Instant::now();
        assert_eq!(ask(), [Some(FINE), None, Some(FINE)]);
        assert!(began.elapsed() < Duration::from_millis(50), "a stuck mount must not be waited for again");
        RELEASE.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + Duration::from_secs(10);
        while ask()[1].is_none() {
            assert!(Instant::now() < deadline, "the mount answers again");
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_root_has_a_size_and_nowhere_has_none() {
        assert!(statfs("/").expect("the root is mounted").size > 0.0);
        assert_eq!(statfs("/no/such/folder"), None);
        assert_eq!(statfs("nul\0inside"), None);
    }
}
