//! The component that CONTRIBUTING.md builds step by step, tested here so that the page stays true.

use component::testing::Driver;
use data::{Entry, Labels, LogBatch};

mod example {
    // begin
    //! `loki.shorten` cuts log lines to a length.

    use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
    use data::receiver::{SendError, Sink};
    use data::{Fanout, LogBatch, LogsReceiver};
    use futures_util::future::BoxFuture;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use value::{Arguments, Exports};

    pub(crate) static COMPONENT: Registration = Registration::of::<Shorten>("loki.shorten", Stability::Experimental);

    /// Cuts log lines that are longer than a limit.
    #[derive(Arguments, Clone, Debug, PartialEq)]
    pub(crate) struct Args {
        /// Receivers of every line.
        #[alloy(attr)]
        forward_to: Vec<LogsReceiver>,
        /// Longest line in bytes. Raise it when messages lose their end.
        #[alloy(attr, default = 4096)]
        limit: usize,
    }

    /// Where others send lines.
    #[derive(Exports, Clone, PartialEq)]
    pub(crate) struct Out {
        /// Takes lines.
        #[alloy(attr)]
        receiver: LogsReceiver,
    }

    pub(crate) struct Shorten(Arc<Shared>);

    struct Shared {
        limit: AtomicUsize,
        out: Fanout<LogBatch>,
    }

    impl Sink<LogBatch> for Shared {
        fn send(&self, mut batch: LogBatch) -> BoxFuture<'_, Result<(), SendError>> {
            let limit = self.limit.load(Ordering::Relaxed);
            for entry in batch.make_mut().iter_mut().flat_map(|stream| &mut stream.entries) {
                entry.line.truncate(limit);
            }
            Box::pin(self.out.send(batch))
        }
    }

    impl Component for Shorten {
        type Args = Args;
        type Exports = Out;

        fn build(args: Args, options: Options<Out>) -> Result<Self, BuildError> {
            let shared = Arc::new(Shared { limit: args.limit.into(), out: Fanout::new(args.forward_to) });
            options.export(Out { receiver: options.receiver("receiver", Arc::clone(&shared) as _) });
            Ok(Self(shared))
        }

        fn update(&self, args: Args) -> Result<(), BuildError> {
            self.0.limit.store(args.limit, Ordering::Relaxed);
            self.0.out.set(args.forward_to);
            Ok(())
        }

        async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
            stop.wait().await;
            Ok(())
        }
    }
    // end
}

#[tokio::test]
async fn cuts_lines_and_follows_updates() {
    let driver = Driver::start(&example::COMPONENT, "forward_to = [capture.logs]\nlimit = 3").expect("good arguments");
    let line = || LogBatch::of(Labels::from_pairs([("a", "b")]), vec![Entry::new(0, "abcdef")]);
    driver.send(line()).await.expect("taken");
    driver.update("forward_to = [capture.logs]\nlimit = 5").expect("good arguments");
    driver.send(line()).await.expect("taken");
    assert_eq!(driver.log_lines(), [r#"{a="b"} abc"#, r#"{a="b"} abcde"#]);
}

#[test]
fn a_wrong_argument_is_explained() {
    let driver = Driver::start(&example::COMPONENT, "forward_to = [capture.metrics]\nlimt = 3");
    let error = driver.err().expect("two mistakes");
    assert!(error.contains("this receiver takes metrics, here one for logs is needed"), "{error}");
    assert!(error.contains("limit"), "{error}");
}

#[test]
fn the_page_shows_this_code() {
    let page = include_str!("../../../CONTRIBUTING.md");
    let source = include_str!("worked_example.rs");
    let part = source.split("// begin\n").nth(1).and_then(|s| s.split("    // end").next()).expect("marked");
    let code: String = part.lines().map(|l| format!("{}\n", l.strip_prefix("    ").unwrap_or(l))).collect();
    assert!(code.lines().count() < 70, "it should stay short");
    assert!(page.contains(&code), "CONTRIBUTING.md shows other code than this test runs");
}
