//! `stage.sampling` keeps a share of the lines.

use super::{BuildStage, Stage};
use crate::process::entry::{Flow, Work};
use crate::process::pipeline::{Build, Reason, Scratch};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use value::{Arguments, ValidateError};

/// Keeps a share of the lines, chosen by chance.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct SamplingArgs {
    /// What dropped lines are counted as.
    #[alloy(attr, default = "sampling_stage")]
    drop_counter_reason: String,
    /// The share of lines to keep, from 0 to 1.
    #[alloy(attr)]
    rate: f64,
}

struct Sampling {
    rate: f64,
    state: AtomicU64,
    reason: Reason,
}

impl BuildStage for SamplingArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err(ValidateError::at("rate", format!("the rate must be between 0 and 1, not {}", self.rate)));
        }
        let seed = foldhash::fast::RandomState::default().hash_one(0);
        Ok(Box::new(Sampling {
            rate: self.rate,
            state: AtomicU64::new(seed),
            reason: build.counted_reason("sampling_stage", &self.drop_counter_reason),
        }))
    }
}

impl Sampling {
    /// A number from 0 to below 1: Weyl sequence and mixing of SplitMix64.
    fn chance(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}

impl Stage for Sampling {
    fn run(&self, _work: &mut Work, _scratch: &mut Scratch) -> Flow {
        if self.chance() < self.rate { Flow::Next } else { Flow::Drop(self.reason) }
    }
}
