//! The few parts of protobuf that the formats here need.

/// Why a message was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not a snappy block.
    #[error("the body is not a snappy block: {0}")]
    Snappy(String),
    /// The message is larger than accepted.
    #[error("the message has {length} bytes, accepted are {most}")]
    TooLarge {
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// The message ends inside a field.
    #[error("the message ends inside a field")]
    Truncated,
    /// A field has another type than the format says.
    #[error("field {0} has the wrong wire type")]
    WireType(u64),
    /// A text is not UTF-8.
    #[error("field {0} is not UTF-8")]
    NotUtf8(u64),
    /// JSON that is not of the expected form.
    #[error("the body is not a push request: {0}")]
    Json(String),
}

/// How many bytes `n` takes as a varint.
pub(crate) fn varint_len(n: u64) -> usize {
    (70 - (n | 1).leading_zeros() as usize) / 7
}

/// Appends `n` as a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// How many bytes a length-delimited field with a one-byte tag takes.
pub(crate) fn field_len(body: usize) -> usize {
    1 + varint_len(body as u64) + body
}

/// Appends a text field, unless it is empty.
pub(crate) fn put_text(out: &mut Vec<u8>, tag: u8, text: &[u8]) {
    if !text.is_empty() {
        put_head(out, tag, text.len());
        out.extend_from_slice(text);
    }
}

/// Appends tag and length of a length-delimited field.
pub(crate) fn put_head(out: &mut Vec<u8>, tag: u8, body: usize) {
    out.push(tag);
    put_varint(out, body as u64);
}

/// How many bytes [`put_text`] appends.
pub(crate) fn text_len(text: &[u8]) -> usize {
    if text.is_empty() { 0 } else { field_len(text.len()) }
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// Reads the fields of a message.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    number: u64,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message, number: 0 }
    }

    /// The number and the value of the next field.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        self.number = tag >> 3;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => {
                let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(DecodeError::Truncated)?;
                self.rest = rest;
                Field::Fixed64(u64::from_le_bytes(*bytes))
            }
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| DecodeError::Truncated)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
                self.rest = rest;
                Field::Bytes(bytes)
            }
            5 => {
                self.rest = self.rest.get(4..).ok_or(DecodeError::Truncated)?;
                Field::Fixed32
            }
            _ => return Err(DecodeError::WireType(self.number)),
        };
        Ok(Some((self.number, field)))
    }

    fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for (i, byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[i + 1..];
                return Ok(value);
            }
        }
        Err(DecodeError::Truncated)
    }

    /// The error for a field of another type than expected.
    pub(crate) fn wrong(&self) -> DecodeError {
        DecodeError::WireType(self.number)
    }

    /// `field` as bytes.
    pub(crate) fn bytes(&self, field: Field<'a>) -> Result<&'a [u8], DecodeError> {
        if let Field::Bytes(bytes) = field { Ok(bytes) } else { Err(self.wrong()) }
    }

    /// `field` as text.
    pub(crate) fn text(&self, field: Field<'a>) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_| DecodeError::NotUtf8(self.number))
    }

    /// `field` as a signed integer.
    pub(crate) fn int(&self, field: Field<'a>) -> Result<i64, DecodeError> {
        if let Field::Varint(n) = field { Ok(n as i64) } else { Err(self.wrong()) }
    }

    /// `field` as a double.
    pub(crate) fn double(&self, field: Field<'a>) -> Result<f64, DecodeError> {
        if let Field::Fixed64(bits) = field { Ok(f64::from_bits(bits)) } else { Err(self.wrong()) }
    }
}
