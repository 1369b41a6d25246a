//! Values as they stand on the wire, and types that read themselves from it.

use super::{Cursor, Invalid, Kind, Literal, Place};

/// Any JSON value, valid, as the bytes it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    text: &'a str,
    at: u32,
}

/// A JSON number with the digits it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    text: &'a str,
    at: u32,
}

/// A type that can be read from a cursor.
pub trait FromJson<'a>: Sized {
    /// Read one value and leave the cursor behind it.
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid>;

    /// Read one value, or `null`, into its place: what is large is not moved there from call to call.
    #[inline]
    fn read_into(place: &mut Option<Self>, cursor: &mut Cursor<'a>) -> Result<(), Invalid> {
        *place = Option::from_json(cursor)?;
        Ok(())
    }
}

/// Read a whole body as one value.
pub fn parse<'a, T: FromJson<'a>>(text: &'a str) -> Result<T, Invalid> {
    let mut cursor = Cursor::new(text);
    let value = T::from_json(&mut cursor)?;
    cursor.end()?;
    Ok(value)
}

/// The length of the number at the start of `bytes`; 0 if there is none.
pub(super) fn scan_number(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let integer = if bytes.get(sign) == Some(&b'0') { 1 } else { digits(sign) };
    if integer == 0 {
        return 0;
    }
    let mut end = sign + integer;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent == 0 {
            return 0;
        }
        end += 1 + sign + exponent;
    }
    end
}

fn offset32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl<'a> Raw<'a> {
    pub(super) fn new(text: &'a str, offset: usize) -> Self {
        Self { text, at: offset32(offset) }
    }

    /// The bytes, as text.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where it stood.
    pub fn place(self) -> Place {
        Place::at(self.at as usize)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        // A `Raw` is only ever made of a valid value.
        Cursor::new(self.text).kind().unwrap_or(Kind::Null)
    }

    /// Read it as something; places in errors and results are those of the whole body.
    pub fn read<T: FromJson<'a>>(self) -> Result<T, Invalid> {
        T::from_json(&mut Cursor::within(self.text, self.at as usize))
    }
}

impl<'a> Number<'a> {
    pub(super) fn new(text: &'a str, offset: usize) -> Self {
        Self { text, at: offset32(offset) }
    }

    /// The number that a string holds, as proto JSON writes 64-bit integers.
    pub fn quoted(literal: Literal<'a>) -> Option<Self> {
        let text = literal.escaped();
        (!text.is_empty() && scan_number(text.as_bytes()) == text.len())
            .then(|| Self { text, at: offset32(literal.place().offset()) })
    }

    /// The digits.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where it stood.
    pub fn place(self) -> Place {
        Place::at(self.at as usize)
    }

    /// As a count, if it is one. `3.0` is: Gemini's proto JSON writes integers so at times.
    pub fn as_u64(self) -> Option<u64> {
        self.text.parse().ok().or_else(|| {
            let value = self.as_f64();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range and integral by the test before"
            )]
            ((0.0..=9e15).contains(&value) && value.fract() == 0.0).then_some(value as u64)
        })
    }

    /// As a signed integer, if it is one.
    pub fn as_i64(self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// As the nearest double.
    pub fn as_f64(self) -> f64 {
        // Every JSON number is in Rust's grammar of floats.
        self.text.parse().unwrap_or(f64::NAN)
    }
}

impl<'a> FromJson<'a> for Raw<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.raw()
    }
}

impl<'a> FromJson<'a> for Literal<'a> {
    #[inline]
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.string()
    }
}

impl<'a> FromJson<'a> for Number<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.number()
    }
}

impl FromJson<'_> for bool {
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Invalid> {
        cursor.boolean()
    }
}

impl FromJson<'_> for u64 {
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Invalid> {
        let place = cursor.place();
        cursor.number()?.as_u64().ok_or(Invalid { place, expected: "a whole number that is not negative" })
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for super::At<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        let place = cursor.place();
        Ok(Self { value: T::from_json(cursor)?, place })
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Option<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        if cursor.null()? { Ok(None) } else { T::from_json(cursor).map(Some) }
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Vec<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        let mut all = Self::new();
        cursor.array(|cursor| {
            all.push(T::from_json(cursor)?);
            Ok(())
        })?;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_grammar() {
        for good in ["0", "-0", "12", "-1.5", "1e9", "1E-2", "0.25e+3", "123456789012345678901234567890"] {
            assert!(parse::<Number>(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "+1", "0x1", "NaN"] {
            assert!(parse::<Number>(bad).is_err(), "{bad}");
        }
    }
}
