//! Going past a value that nobody reads: every byte is checked, nothing is kept.
//!
//! Most of a body is skimmed, by [`crate::read_head`] first of all. So there is no recursion here and no closure: one
//! loop over the tokens, and a bit for each container that is open.
//!
//! ```text
//! value --scalar, or an empty container--> after --`,`--> value, or a key in an object
//!   |                                        |
//!   +--`[`: value, `{`: key `:` value        +--`]` `}`--> after, or done outside of all
//! ```

use super::literal::{Scanned, has_controls, scan_string, scan_string_of_no_controls};
use super::value::scan_number;

/// What should have stood at an offset.
pub(super) type Fault = (usize, &'static str);

const DEEP: &str = "less deeply nested JSON";
const VALUE: &str = "a JSON value";

/// The containers that are open, the innermost in the lowest bit: 1 is an object.
struct Open {
    kinds: u128,
    count: u32,
    most: u32,
}

impl Open {
    fn push(&mut self, at: usize, is_object: bool) -> Result<(), Fault> {
        if self.count == self.most {
            return Err((at, DEEP));
        }
        self.kinds = (self.kinds << 1) | u128::from(is_object);
        self.count += 1;
        Ok(())
    }

    fn pop(&mut self) {
        self.kinds >>= 1;
        self.count -= 1;
    }

    fn in_object(&self) -> bool {
        self.kinds & 1 == 1
    }
}

/// The offset after the value that begins at `at`, in which at most `depth` (128 at most) containers are open.
///
/// Bodies of programs have no control character at all, not even between tokens. So strings are not searched for any on the
/// way: if there is one, the value is skimmed again, with care.
pub(super) fn skim(bytes: &[u8], at: usize, depth: u32) -> Result<usize, Fault> {
    match skim_by(scan_string_of_no_controls, bytes, at, depth) {
        Ok(end) if !has_controls(&bytes[at..end]) => Ok(end),
        _ => skim_by(scan_string, bytes, at, depth),
    }
}

type Scan = fn(&[u8]) -> Result<Scanned, Fault>;

#[inline]
fn skim_by(scan: Scan, bytes: &[u8], at: usize, depth: u32) -> Result<usize, Fault> {
    let mut open = Open { kinds: 0, count: 0, most: depth };
    let mut at = space(bytes, at);
    loop {
        let end = match bytes.get(at) {
            Some(b'"') => string(scan, bytes, at, "a string")?,
            Some(b'{') => {
                open.push(at, true)?;
                at = space(bytes, at + 1);
                if bytes.get(at) != Some(&b'}') {
                    at = key(scan, bytes, at)?;
                    continue;
                }
                open.pop();
                at + 1
            }
            Some(b'[') => {
                open.push(at, false)?;
                at = space(bytes, at + 1);
                if bytes.get(at) != Some(&b']') {
                    continue;
                }
                open.pop();
                at + 1
            }
            Some(b't') => word(bytes, at, b"true")?,
            Some(b'f') => word(bytes, at, b"false")?,
            Some(b'n') => word(bytes, at, b"null")?,
            Some(b'-' | b'0'..=b'9') => number(bytes, at)?,
            _ => return Err((at, VALUE)),
        };
        match after(scan, bytes, end, &mut open)? {
            (end, true) => return Ok(end),
            (next, false) => at = next,
        }
    }
}

/// Close what ends after a value; where the next value begins, or the end of all (true).
#[inline]
fn after(scan: Scan, bytes: &[u8], mut at: usize, open: &mut Open) -> Result<(usize, bool), Fault> {
    while open.count > 0 {
        at = space(bytes, at);
        let (closing, expected) = if open.in_object() { (b'}', "`,` or `}`") } else { (b']', "`,` or `]`") };
        match bytes.get(at) {
            Some(b',') => {
                at = space(bytes, at + 1);
                return Ok((if open.in_object() { key(scan, bytes, at)? } else { at }, false));
            }
            Some(&byte) if byte == closing => {
                open.pop();
                at += 1;
            }
            _ => return Err((at, expected)),
        }
    }
    Ok((at, true))
}

/// The offset of the value of a key that begins at `at`.
#[inline]
fn key(scan: Scan, bytes: &[u8], at: usize) -> Result<usize, Fault> {
    const EXPECTED: &str = "a quoted key";
    let at = string(scan, bytes, at, EXPECTED).map_err(|(at, _)| (at, EXPECTED))?;
    let at = space(bytes, at);
    if bytes.get(at) == Some(&b':') { Ok(space(bytes, at + 1)) } else { Err((at, "`:`")) }
}

#[inline]
fn string(scan: Scan, bytes: &[u8], at: usize, expected: &'static str) -> Result<usize, Fault> {
    if bytes.get(at) != Some(&b'"') {
        return Err((at, expected));
    }
    match scan(&bytes[at + 1..]) {
        Ok(scanned) => Ok(at + scanned.length + 2),
        Err((length, expected)) => Err((at + 1 + length, expected)),
    }
}

fn number(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let length = scan_number(&bytes[at..]);
    if length == 0 { Err((at, "a number")) } else { Ok(at + length) }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Fault> {
    if bytes[at..].starts_with(word) { Ok(at + word.len()) } else { Err((at, VALUE)) }
}

#[inline]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}
