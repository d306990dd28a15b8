//! `testcomponents.stringer` sends its inputs as text.

use super::capsules::Receiver;
use component::{BuildError, Component, Options, Registration, RunError, Shutdown, Stability};
use std::collections::BTreeMap;
use value::functions::go_syntax;
use value::{Arguments, Value};

pub static COMPONENT: Registration = Registration::of::<Stringer>("testcomponents.stringer", Stability::PublicPreview);

/// Sends its inputs as text.
#[derive(Arguments, Clone, PartialEq)]
struct Args {
    /// Text.
    #[alloy(attr, optional)]
    input_string: Option<String>,
    /// A number.
    #[alloy(attr, optional)]
    input_int: Option<i64>,
    /// A number.
    #[alloy(attr, optional)]
    input_float: Option<f64>,
    /// A bool.
    #[alloy(attr, optional)]
    input_bool: Option<bool>,
    /// An object.
    #[alloy(attr, optional)]
    input_map: Option<BTreeMap<String, Value>>,
    /// An array.
    #[alloy(attr, optional)]
    input_array: Option<Vec<Value>>,
    /// Who gets them.
    #[alloy(attr)]
    forward_to: Vec<Receiver<String>>,
}

struct Stringer;

impl Component for Stringer {
    type Args = Args;
    type Exports = ();

    fn build(args: Args, _options: Options<()>) -> Result<Self, BuildError> {
        Self.update(args)?;
        Ok(Self)
    }

    fn update(&self, args: Args) -> Result<(), BuildError> {
        let inputs = [
            args.input_string.map(Value::from),
            args.input_int.map(Value::from),
            args.input_float.map(Value::from),
            args.input_bool.map(Value::from),
            args.input_array.map(Value::array),
            args.input_map.map(Value::object),
        ];
        for input in inputs.iter().flatten() {
            args.forward_to.iter().for_each(|to| (to.0)(go_syntax(input)));
        }
        Ok(())
    }

    async fn run(&self, stop: Shutdown) -> Result<(), RunError> {
        stop.wait().await;
        Ok(())
    }
}
