//! `testcomponents.summation_receiver` and `.string_receiver` show what they were sent as debug info.

use super::capsules::Receiver;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use parking_lot::Mutex;
use std::sync::Arc;
use value::{Exports, Node, Value};

pub static SUMMATION: Registration = Registration::of::<SummationReceiver>("testcomponents.summation_receiver", Stability::PublicPreview);
pub static STRINGS: Registration = Registration::of::<StringReceiver>("testcomponents.string_receiver", Stability::PublicPreview);

/// Where to send.
#[derive(Exports, Clone, PartialEq)]
struct Numbers {
    /// Adds up what it is sent.
    #[alloy(attr)]
    receiver: Receiver<i64>,
}

struct SummationReceiver(Arc<Mutex<i64>>);

impl Component for SummationReceiver {
    type Args = ();
    type Exports = Numbers;

    fn build((): (), options: Options<Numbers>) -> Result<Self, BuildError> {
        let sum = Arc::new(Mutex::new(0));
        let adding = Arc::clone(&sum);
        options.export(Numbers { receiver: Receiver(Arc::new(move |n| *adding.lock() += n)) });
        Ok(Self(sum))
    }

    fn update(&self, (): ()) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        vec![Node::Attr("sum".into(), Value::from(*self.0.lock()))]
    }
}

/// Where to send.
#[derive(Exports, Clone, PartialEq)]
struct Texts {
    /// Keeps what it is sent, each on a line.
    #[alloy(attr)]
    receiver: Receiver<String>,
}

struct StringReceiver(Arc<Mutex<String>>);

impl Component for StringReceiver {
    type Args = ();
    type Exports = Texts;

    fn build((): (), options: Options<Texts>) -> Result<Self, BuildError> {
        let text = Arc::new(Mutex::new(String::new()));
        let adding = Arc::clone(&text);
        let receiver = Receiver(Arc::new(move |line: String| *adding.lock() += &format!("{line}\n")));
        options.export(Texts { receiver });
        Ok(Self(text))
    }

    fn update(&self, (): ()) -> Result<(), BuildError> {
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }

    fn debug_info(&self) -> Vec<Node> {
        vec![Node::Attr("text".into(), Value::from(self.0.lock().as_str()))]
    }
}
