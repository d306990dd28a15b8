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
fn b64dec(args: &[Val]) -> Result<Val> {
    let decoded = STANDARD.decode(Args::of(args, 1)?.text(0)?);
    Ok(Val::text(decoded.map_or_else(|error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into_owned())))
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
    let text = Args::of(args, 1)?.text(0)?;
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u64, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let Some(value) = ALPHABET.iter().position(|b| *b == byte) else { return Ok(Val::text("illegal base32 data")) };
        bits = bits << 5 | value as u64;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Ok(Val::text(String::from_utf8_lossy(&out).into_owned()))
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
