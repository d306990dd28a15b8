//! `local.*`: files of this machine, and the ring of recent data.

pub mod file;
pub mod file_match;
pub mod recent;
