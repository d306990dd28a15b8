//! Numbers. The original keeps signed, unsigned and floating point apart; so do we.

/// A number of the language.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// 64-bit signed.
    Int(i64),
    /// 64-bit unsigned: literals above the signed range, and results of components.
    Uint(u64),
    /// Double precision.
    Float(f64),
}

impl Number {
    /// The number as a double; large integers lose precision.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Uint(n) => n as f64,
            Self::Float(n) => n,
        }
    }
}

/// By value across kinds; NaN equals nothing.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Int(a), Self::Uint(b)) | (Self::Uint(b), Self::Int(a)) => u64::try_from(a) == Ok(b),
            (a, b) => a.as_f64() == b.as_f64(),
        }
    }
}
