//! A chain of stages, built once from its configuration, and the passage of batches through it.

use super::entry::{Flow, Work};
use super::extracted::{Extracted, Key, Keys};
use super::json::Token;
use super::stages::{self, Stage, StageArgs};
use super::transitions::Transitions;
use component::{Clock, Counter, Ledger, MetricScope};
use data::{Entry, Labels, LogBatch, Stream};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use value::ValidateError;

/// Why lines are dropped, as an index into what the pipeline counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason(usize);

/// What lines are counted under.
struct Count {
    /// For the component's books.
    name: &'static str,
    /// `loki_process_dropped_lines_total`, when the original counts such lines.
    counter: Option<Counter>,
}

/// What stages are built with.
pub(crate) struct Build<'a> {
    keys: Keys,
    memories: usize,
    counts: Vec<Count>,
    stateful: bool,
    /// The clock.
    pub(crate) clock: Clock,
    /// Metrics of the component; without it nothing is counted, as when arguments are only checked.
    pub(crate) metrics: Option<&'a MetricScope>,
}

impl<'a> Build<'a> {
    fn new(clock: Clock, metrics: Option<&'a MetricScope>) -> Self {
        Self { keys: Keys::default(), memories: 0, counts: Vec::new(), stateful: false, clock, metrics }
    }

    /// For checking arguments.
    pub(crate) fn check() -> Self {
        Self::new(Clock::default(), None)
    }

    /// The number of an extracted name.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        self.keys.key(name)
    }

    /// A place to remember changes of labels.
    pub(crate) fn memory(&mut self) -> Memory {
        self.memories += 1;
        Memory(self.memories - 1)
    }

    /// A reason to drop lines that is only in the books.
    pub(crate) fn reason(&mut self, name: &'static str) -> Reason {
        self.counts.push(Count { name, counter: None });
        Reason(self.counts.len() - 1)
    }

    /// A reason to drop lines, counted as `label` in `loki_process_dropped_lines_total`.
    pub(crate) fn counted_reason(&mut self, name: &'static str, label: &str) -> Reason {
        const HELP: &str = "Log lines that a stage dropped.";
        let counter = self.metrics.map(|metrics| metrics.counter_with("loki_process_dropped_lines_total", HELP, &[("reason", label)]));
        self.counts.push(Count { name, counter });
        Reason(self.counts.len() - 1)
    }

    /// A counter of the component.
    pub(crate) fn counter(&self, name: &'static str, help: &'static str, labels: &[(&str, &str)]) -> Counter {
        self.metrics.map(|metrics| metrics.counter_with(name, help, labels)).unwrap_or_default()
    }

    /// The same batch must not pass twice: a stage keeps something of it.
    pub(crate) fn keeps_state(&mut self) {
        self.stateful = true;
    }

    /// Builds the stages of a chain.
    pub(crate) fn chain(&mut self, args: &[StageArgs]) -> Result<Chain, ValidateError> {
        args.iter().map(|stage| stages::build(stage, self)).collect::<Result<_, _>>().map(Chain)
    }
}

/// A place to remember changes of labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory(usize);

/// What one task needs to run a pipeline: used again, never shared.
pub(crate) struct Scratch {
    work: Work,
    memories: Vec<Transitions>,
    /// What a scan of JSON has found.
    pub(crate) found: Vec<Token>,
    /// A text that is made.
    pub(crate) text: String,
    /// How long the line has to wait before it is sent.
    pub(crate) wait: Duration,
    dropped: Vec<usize>,
}

impl Scratch {
    /// What a stage remembers.
    pub(crate) fn memory(&mut self, memory: Memory) -> &mut Transitions {
        &mut self.memories[memory.0]
    }
}

/// Stages one after the other.
pub(crate) struct Chain(Vec<Box<dyn Stage>>);

impl Chain {
    /// Passes `work` through all stages.
    pub(crate) fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        Self::run_from(&self.0, work, scratch)
    }

    fn run_from(stages: &[Box<dyn Stage>], work: &mut Work, scratch: &mut Scratch) -> Flow {
        for (i, stage) in stages.iter().enumerate() {
            match stage.run(work, scratch) {
                Flow::Next => {}
                Flow::Many(works) => return Flow::Many(Self::run_many(&stages[i + 1..], works, scratch)),
                end => return end,
            }
        }
        Flow::Next
    }

    fn run_many(stages: &[Box<dyn Stage>], works: Vec<Work>, scratch: &mut Scratch) -> Vec<Work> {
        let mut out = Vec::with_capacity(works.len());
        for mut work in works {
            match Self::run_from(stages, &mut work, scratch) {
                Flow::Next => out.push(work),
                Flow::Many(more) => out.extend(more),
                Flow::Drop(reason) => scratch.dropped[reason.0] += 1,
                Flow::Held => {}
            }
        }
        out
    }

    /// Lines that stages have kept back until `now`; all of them when it is `None`.
    pub(crate) fn release(&self, now: Option<i64>, scratch: &mut Scratch) -> Vec<Work> {
        let mut out = Vec::new();
        let stages = self.0.len();
        for step in 0..stages {
            // What a later stage has kept is older than what an earlier one passes to it now. At the end nothing may be left in it.
            let i = if now.is_some() { stages - 1 - step } else { step };
            let works = self.0[i].release(now, scratch);
            if !works.is_empty() {
                out.extend(Self::run_many(&self.0[i + 1..], works, scratch));
            }
        }
        out
    }

    /// When the next line kept back is due, in nanoseconds since 1970.
    pub(crate) fn due(&self) -> Option<i64> {
        self.0.iter().filter_map(|stage| stage.due()).min()
    }
}

/// A built pipeline.
pub(crate) struct Pipeline {
    chain: Chain,
    keys: Arc<Keys>,
    memories: usize,
    counts: Vec<Count>,
    stateful: bool,
    idle: Mutex<Vec<Scratch>>,
}

/// What came out of a batch.
pub(crate) struct Passed {
    /// The lines that are left.
    pub(crate) batch: LogBatch,
    /// What has not been looked at yet, because the lines before have to wait.
    pub(crate) rest: Option<LogBatch>,
    /// How long they have to wait.
    pub(crate) wait: Duration,
    /// What to count when the batch is delivered, not before: until then it may come again.
    pub(crate) counts: Counts,
}

/// How many lines came and what became of them.
pub(crate) struct Counts {
    taken: usize,
    out: usize,
    dropped: Vec<usize>,
}

/// Scratches kept for the next batches.
const MOST_IDLE: usize = 8;

impl Pipeline {
    /// Builds a pipeline.
    ///
    /// # Errors
    /// What is wrong with the arguments of a stage.
    pub(crate) fn new(args: &[StageArgs], clock: Clock, metrics: Option<&MetricScope>) -> Result<Self, ValidateError> {
        let mut build = Build::new(clock, metrics);
        let chain = build.chain(args)?;
        let Build { keys, memories, counts, stateful, .. } = build;
        Ok(Self { chain, keys: Arc::new(keys), memories, counts, stateful, idle: Mutex::default() })
    }

    /// True when the same batch must not pass twice.
    pub(crate) fn is_stateful(&self) -> bool {
        self.stateful
    }

    /// True when batches pass unchanged.
    pub(crate) fn is_empty(&self) -> bool {
        self.chain.0.is_empty()
    }

    /// See [`Chain::due`].
    pub(crate) fn due(&self) -> Option<i64> {
        self.chain.due()
    }

    fn scratch(&self) -> Scratch {
        self.idle.lock().pop().unwrap_or_else(|| Scratch {
            work: Work::new(Extracted::new(Arc::clone(&self.keys))),
            memories: std::iter::repeat_with(Transitions::default).take(self.memories).collect(),
            found: Vec::new(),
            text: String::new(),
            wait: Duration::ZERO,
            dropped: vec![0; self.counts.len()],
        })
    }

    fn put_back(&self, scratch: Scratch) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(scratch);
        }
    }

    /// Passes a batch through the stages.
    pub(crate) fn process(&self, batch: LogBatch) -> Passed {
        if self.is_empty() {
            let n = batch.entries();
            return Passed { batch, rest: None, wait: Duration::ZERO, counts: Counts { taken: n, out: n, dropped: Vec::new() } };
        }
        let mut scratch = self.scratch();
        let mut out = Regroup::default();
        let mut taken = 0;
        let mut rest = None;
        let mut work = std::mem::replace(&mut scratch.work, Work::new(Extracted::new(Arc::default())));
        let mut streams = batch.into_streams().into_iter();
        while let Some(stream) = streams.next() {
            let mut entries = stream.entries.into_iter();
            while let Some(entry) = entries.next() {
                taken += 1;
                work.begin(&stream.labels, entry);
                match self.chain.run(&mut work, &mut scratch) {
                    Flow::Next => {
                        let entry = work.take_entry();
                        out.push(&work.labels, entry);
                    }
                    Flow::Drop(reason) => scratch.dropped[reason.0] += 1,
                    Flow::Held => {}
                    Flow::Many(works) => out.extend(works),
                }
                if !scratch.wait.is_zero() {
                    let mut left = vec![Stream { labels: stream.labels.clone(), entries: entries.by_ref().collect() }];
                    left.extend(streams.by_ref());
                    rest = Some(LogBatch::new(left)).filter(|rest| rest.entries() > 0);
                }
            }
        }
        scratch.work = work;
        Passed { rest, ..self.finish(scratch, out, taken) }
    }

    /// Passes on what stages have kept back until `now`; everything when it is `None`.
    pub(crate) fn release(&self, now: Option<i64>) -> Passed {
        let mut scratch = self.scratch();
        let works = self.chain.release(now, &mut scratch);
        let taken = works.len();
        let mut out = Regroup::default();
        out.extend(works);
        self.finish(scratch, out, taken)
    }

    fn finish(&self, mut scratch: Scratch, out: Regroup, taken: usize) -> Passed {
        let dropped = if scratch.dropped.iter().any(|n| *n > 0) { scratch.dropped.clone() } else { Vec::new() };
        scratch.dropped.fill(0);
        let wait = std::mem::take(&mut scratch.wait);
        self.put_back(scratch);
        let batch = LogBatch::new(out.streams);
        let counts = Counts { taken, out: batch.entries(), dropped };
        Passed { batch, rest: None, wait, counts }
    }

    /// Counts what became of a delivered batch.
    pub(crate) fn count(&self, counts: &Counts, ledger: &Ledger) {
        let Counts { taken, out, dropped } = counts;
        ledger.took(*taken);
        ledger.passed(*out);
        // The others are now part of lines that come later.
        ledger.dropped("joined", taken.saturating_sub(out + dropped.iter().sum::<usize>()));
        for (count, n) in self.counts.iter().zip(dropped).filter(|(_, n)| **n > 0) {
            if let Some(counter) = &count.counter {
                counter.add(*n as u64);
            }
            ledger.dropped(count.name, *n);
        }
    }
}

/// Collects lines by stream, each stream in the order of its lines.
#[derive(Default)]
struct Regroup {
    streams: Vec<Stream>,
    places: HashMap<usize, usize, foldhash::fast::FixedState>,
    last: usize,
}

impl Regroup {
    fn push(&mut self, labels: &Labels, entry: Entry) {
        let address = labels.address();
        if self.streams.get(self.last).is_none_or(|stream| stream.labels.address() != address) {
            let Self { streams, places, .. } = self;
            self.last = *places.entry(address).or_insert_with(|| {
                streams.push(Stream { labels: labels.clone(), entries: Vec::new() });
                streams.len() - 1
            });
        }
        self.streams[self.last].entries.push(entry);
    }

    fn extend(&mut self, works: Vec<Work>) {
        for mut work in works {
            let entry = work.take_entry();
            self.push(&work.labels, entry);
        }
    }
}
