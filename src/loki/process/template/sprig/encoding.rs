//! Functions of encodings, checksums and identifiers.

use super::args::{Args, Result};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sha3::Sha3_256;
use std::fmt::Write;
use std::hash::BuildHasher;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("b64enc", |args| Ok(Val::text(STANDARD.encode(Args::of(args, 1)?.text(0)?)))),
    ("b64dec", b64dec),
    ("b32enc", |args| Ok(Val::text(b32(Args::of(args, 1)?.text(0)?.as_bytes())))),
    ("b32dec", b32dec),
    ("sha1sum", |args| Ok(hex(&Sha1::digest(Args::of(args, 1)?.text(0)?)))),
    ("sha256sum", |args| Ok(hex(&Sha256::digest(Args::of(args, 1)?.text(0)?)))),
    ("sha512sum", |args| Ok(hex(&Sha512::digest(Args::of(args, 1)?.text(0)?)))),
    ("adler32sum", adler32),
    ("Hash", |args| Ok(hex(&Sha3_256::new().chain_update(Args::of(args, 2)?.text(0)?).chain_update(Args(args).text(1)?).finalize()))),
    ("Sha2Hash", |args| Ok(hex(&Sha256::new().chain_update(Args::of(args, 2)?.text(0)?).chain_update(Args(args).text(1)?).finalize()))),
    ("uuidv4", uuid),
];

fn hex(bytes: &[u8]) -> Val {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    Val::text(out)
}

/// What cannot be decoded becomes the error's text, as in the original.
fn decoded(base: u8, bytes: std::result::Result<Vec<u8>, usize>) -> Result<Val> {
    Ok(Val::text(match bytes {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(at) => format!("illegal base{base} data at input byte {at}"),
    }))
}

fn b64dec(args: &[Val]) -> Result<Val> {
    decoded(64, from_base64(Args::of(args, 1)?.text(0)?.as_bytes()))
}

/// The bytes, or where the text is wrong. Line ends are skipped, and unused bits are not looked at.
fn from_base64(text: &[u8]) -> std::result::Result<Vec<u8>, usize> {
    let skip = |mut at: usize| {
        while matches!(text.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut at, mut bits, mut count) = (0, 0u32, 0);
    loop {
        at = skip(at);
        let Some(byte) = text.get(at) else { return if count == 0 { Ok(out) } else { Err(at - count) } };
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if count >= 2 => break,
            _ => return Err(at),
        };
        (at, bits, count) = (at + 1, bits << 6 | u32::from(value), count + 1);
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    if count == 2 {
        at = skip(at + 1);
        if text.get(at) != Some(&b'=') {
            return Err(at);
        }
    }
    at = skip(at + 1);
    if at < text.len() {
        return Err(at);
    }
    let last = (bits << (6 * (4 - count))).to_be_bytes();
    out.extend_from_slice(&last[1..count]);
    Ok(out)
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let used = (chunk.len() * 8).div_ceil(5);
        out.extend((0..8).map(|i| if i < used { char::from(ALPHABET[(bits >> (35 - 5 * i)) as usize & 31]) } else { '=' }));
    }
    out
}

fn b32dec(args: &[Val]) -> Result<Val> {
    let text: Vec<u8> = Args::of(args, 1)?.text(0)?.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    decoded(32, from_base32(&text))
}

/// The bytes, or where the text is wrong.
fn from_base32(text: &[u8]) -> std::result::Result<Vec<u8>, usize> {
    let mut out = Vec::new();
    for (i, group) in text.chunks(8).enumerate() {
        let start = 8 * i;
        let end = group.iter().skip(2).position(|byte| *byte == b'=').map(|at| at + 2).filter(|_| start + 8 >= text.len());
        let used = end.unwrap_or(group.len());
        let mut bits = 0u64;
        for (at, byte) in group[..used].iter().enumerate() {
            let value = ALPHABET.iter().position(|b| b == byte).ok_or(start + at)?;
            bits = bits << 5 | value as u64;
        }
        if group.len() < 8 {
            return Err(if end.is_some() { text.len() } else { start });
        }
        if let Some(wrong) = group[used..].iter().position(|byte| *byte != b'=') {
            return Err(start + used + wrong);
        }
        if matches!(used, 3 | 6) {
            return Err(start + used);
        }
        bits <<= 5 * (8 - used);
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + used * 5 / 8]);
    }
    Ok(out)
}

fn adler32(args: &[Val]) -> Result<Val> {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in Args::of(args, 1)?.text(0)?.bytes() {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    Ok(Val::text((b << 16 | a).to_string()))
}

fn uuid(_args: &[Val]) -> Result<Val> {
    #[allow(clippy::disallowed_methods, reason = "one more source of what nobody can guess")]
    let random = || u128::from(std::hash::RandomState::new().hash_one(std::time::SystemTime::now()));
    let bits = random() << 64 | random();
    let bits = bits & !(0xf000 << 64) & !(0xc000_0000_0000_0000) | 0x4000 << 64 | 0x8000_0000_0000_0000;
    let text = format!("{bits:032x}");
    Ok(Val::text(format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])))
}
