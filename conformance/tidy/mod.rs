//! Rules of the project that the compiler does not enforce.

mod arrows;
mod source;
mod words;
