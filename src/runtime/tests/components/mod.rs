//! Small components for tests of the runtime. They exist in tests only.

mod capsules;
mod count;
mod passthrough;
mod pulse;
mod receivers;
mod stringer;
mod summation;
mod targets;
mod tick;
mod troubled;
mod unstable;

pub use troubled::{Stops, runs_of};

use component::Registration;

pub static FAMILY: &[&Registration] = &[
    &count::COMPONENT,
    &passthrough::COMPONENT,
    &pulse::COMPONENT,
    &receivers::STRINGS,
    &receivers::SUMMATION,
    &stringer::COMPONENT,
    &summation::COMPONENT,
    &targets::COMPONENT,
    &tick::COMPONENT,
    &troubled::ORDERED,
    &troubled::PANICKING,
    &unstable::COMMUNITY,
    &unstable::EXPERIMENTAL,
];
