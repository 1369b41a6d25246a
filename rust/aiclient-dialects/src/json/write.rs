//! Appending JSON to a buffer.
//!
//! Structure is closures, so that what is opened is closed; values are anything that implements [`ToJson`].

use super::literal::plain_prefix;
use super::{Literal, Number, Raw, Text};

/// A value that can be appended to a JSON text.
pub trait ToJson {
    /// Append this value.
    fn write_json(&self, out: &mut Vec<u8>);
}

/// An object being written.
pub struct Object<'w> {
    out: &'w mut Vec<u8>,
    empty: bool,
}

/// An array being written.
pub struct Array<'w> {
    out: &'w mut Vec<u8>,
    empty: bool,
}

/// Append an object.
#[inline]
pub fn write_object(out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    members(&mut Object { out, empty: true });
    out.push(b'}');
}

/// Append an array.
#[inline]
pub fn write_array(out: &mut Vec<u8>, elements: impl FnOnce(&mut Array<'_>)) {
    out.push(b'[');
    elements(&mut Array { out, empty: true });
    out.push(b']');
}

impl Object<'_> {
    /// Append `"key":`; the caller appends the value to the buffer that is returned. Keys are ours: plain ASCII.
    #[inline]
    pub fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Append a member.
    #[inline]
    pub fn field(&mut self, key: &str, value: impl ToJson) {
        value.write_json(self.key(key));
    }

    /// Append a member if there is a value.
    #[inline]
    pub fn optional(&mut self, key: &str, value: Option<impl ToJson>) {
        if let Some(value) = value {
            self.field(key, value);
        }
    }

    /// Append a member whose key is any text.
    pub fn own(&mut self, key: &str, value: impl ToJson) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        key.write_json(self.out);
        self.out.push(b':');
        value.write_json(self.out);
    }

    /// Append members that are JSON already, without the braces around them.
    pub fn append(&mut self, members: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.extend_from_slice(members.as_bytes());
    }

    /// Append a member that is an object.
    #[inline]
    pub fn object(&mut self, key: &str, members: impl FnOnce(&mut Object<'_>)) {
        write_object(self.key(key), members);
    }

    /// Append a member that is an object, if `members` says that it is to stay.
    pub fn object_if(&mut self, key: &str, members: impl FnOnce(&mut Object<'_>) -> bool) -> bool {
        let before = (self.out.len(), self.empty);
        let mut stays = false;
        self.object(key, |object| stays = members(object));
        stays || self.take_back(before)
    }

    /// Append a member that is an array, unless it stays without elements; whether it has some.
    pub fn array_if_any(&mut self, key: &str, elements: impl FnOnce(&mut Array<'_>)) -> bool {
        let before = (self.out.len(), self.empty);
        let mut any = false;
        self.array(key, |array| {
            elements(array);
            any = !array.is_empty();
        });
        any || self.take_back(before)
    }

    fn take_back(&mut self, (length, empty): (usize, bool)) -> bool {
        self.out.truncate(length);
        self.empty = empty;
        false
    }

    /// Append a member that is an array.
    #[inline]
    pub fn array(&mut self, key: &str, elements: impl FnOnce(&mut Array<'_>)) {
        write_array(self.key(key), elements);
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.empty
    }
}

impl Array<'_> {
    /// Go to the next element; the caller appends it to the buffer that is returned.
    #[inline]
    pub fn slot(&mut self) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out
    }

    /// Append an element.
    pub fn element(&mut self, value: impl ToJson) {
        value.write_json(self.slot());
    }

    /// Append an element that is an object.
    #[inline]
    pub fn object(&mut self, members: impl FnOnce(&mut Object<'_>)) {
        write_object(self.slot(), members);
    }

    /// Append an element that is an object, if `members` says that it is to stay.
    pub fn object_if(&mut self, members: impl FnOnce(&mut Object<'_>) -> bool) -> bool {
        let (length, empty) = (self.out.len(), self.empty);
        let mut stays = false;
        self.object(|object| stays = members(object));
        if !stays {
            self.out.truncate(length);
            self.empty = empty;
        }
        stays
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.empty
    }
}

/// Append `text` as the inside of a JSON string.
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_prefix(rest));
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = special.split_first() else {
            return;
        };
        push_escape(out, byte);
        rest = tail;
    }
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        control => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(control >> 4)]);
            out.push(HEX[usize::from(control & 15)]);
        }
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    #[inline]
    fn write_json(&self, out: &mut Vec<u8>) {
        (**self).write_json(out);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write_json(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl ToJson for str {
    #[inline]
    fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        push_escaped(out, self);
        out.push(b'"');
    }
}

impl ToJson for String {
    fn write_json(&self, out: &mut Vec<u8>) {
        self.as_str().write_json(out);
    }
}

impl ToJson for std::borrow::Cow<'_, str> {
    fn write_json(&self, out: &mut Vec<u8>) {
        (**self).write_json(out);
    }
}

impl ToJson for Literal<'_> {
    #[inline]
    fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.escaped().as_bytes());
        out.push(b'"');
    }
}

impl ToJson for Text<'_> {
    #[inline]
    fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        self.push_escaped_to(out);
        out.push(b'"');
    }
}

impl ToJson for Raw<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text().as_bytes());
    }
}

impl ToJson for Number<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text().as_bytes());
    }
}

impl ToJson for bool {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl ToJson for u64 {
    fn write_json(&self, out: &mut Vec<u8>) {
        let mut digits = [0_u8; 20];
        let mut start = digits.len();
        let mut rest = *self;
        loop {
            start -= 1;
            let digit = (rest % 10) as u8;
            digits[start] = b'0' + digit;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(&digits[start..]);
    }
}

impl ToJson for u32 {
    fn write_json(&self, out: &mut Vec<u8>) {
        u64::from(*self).write_json(out);
    }
}

impl ToJson for f64 {
    fn write_json(&self, out: &mut Vec<u8>) {
        if self.is_finite() {
            out.extend_from_slice(self.to_string().as_bytes());
        } else {
            out.extend_from_slice(b"null");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn structure_is_closed_and_separated() {
        let mut out = Vec::new();
        write_object(&mut out, |object| {
            object.field("a", 1_u64);
            object.optional("none", None::<bool>);
            object.array("b", |array| {
                array.element("x\n");
                array.object(|_| {});
            });
            object.field("c", 0.5);
        });
        assert_eq!(String::from_utf8(out).as_deref(), Ok(r#"{"a":1,"b":["x\n",{}],"c":0.5}"#));
    }

    #[test]
    fn what_is_not_to_stay_is_taken_back() {
        let mut out = Vec::new();
        write_object(&mut out, |object| {
            assert!(!object.array_if_any("a", |_| {}));
            assert!(object.array_if_any("b", |array| {
                assert!(!array.object_if(|element| element.array_if_any("x", |_| {})));
                array.element(1_u64);
                assert!(!array.object_if(|_| false));
                assert!(array.object_if(|_| true));
            }));
            assert!(!object.object_if("c", |member| !member.is_empty()));
            object.field("d", true);
        });
        assert_eq!(String::from_utf8(out).as_deref(), Ok(r#"{"b":[1,{}],"d":true}"#));
    }

    proptest! {
        #[test]
        fn strings_are_read_back(text in any::<String>()) {
            let mut out = Vec::new();
            text.write_json(&mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out)?, text);
        }

        #[test]
        fn counts_are_read_back(count: u64) {
            let mut out = Vec::new();
            count.write_json(&mut out);
            prop_assert_eq!(serde_json::from_slice::<u64>(&out)?, count);
        }
    }
}
