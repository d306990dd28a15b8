//! Helps to test the queue and what is built on it.

mod faulty_fs;

pub use faulty_fs::{FaultyFs, Op};
