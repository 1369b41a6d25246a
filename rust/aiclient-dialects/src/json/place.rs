//! Where a value stood in a body, as a number that can be turned into a JSON Pointer later.

use super::Cursor;

/// The offset of a JSON value in its body, with the name of a field that should have been there.
///
/// Costs nothing to carry; [`Place::pointer`] finds the path by reading the body again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    at: u32,
    field: Option<&'static str>,
}

/// A value with the place it stood at, for values that are too small to remember it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stood.
    pub place: Place,
}

impl Place {
    /// The value that begins at this byte of the body.
    pub fn at(offset: usize) -> Self {
        // Bodies are bounded far below 4 GiB; a larger offset would only make the pointer less precise.
        Self { at: u32::try_from(offset).unwrap_or(u32::MAX), field: None }
    }

    /// A field of the object that stands here, present or not.
    #[must_use]
    pub fn field(self, name: &'static str) -> Self {
        Self { field: Some(name), ..self }
    }

    /// The byte offset.
    pub fn offset(self) -> usize {
        self.at as usize
    }

    /// The RFC 6901 pointer of this place in `body`; as deep as `body` is readable.
    pub fn pointer(self, body: &str) -> String {
        let mut path = String::new();
        let mut cursor = Cursor::new(body);
        while descend(&mut cursor, self.offset(), &mut path) {}
        if let Some(field) = self.field {
            push_segment(&mut path, field);
        }
        path
    }
}

/// Step from the value under the cursor into the child that holds `target`; false when there is none.
fn descend(cursor: &mut Cursor<'_>, target: usize, path: &mut String) -> bool {
    let start = cursor.position();
    if start == target {
        return false;
    }
    let mut child = None;
    // The walk is left by an error as soon as the child is found; a real error ends it where the body does.
    let _found_or_unreadable = cursor.clone().any_members(|cursor, segment| {
        let here = cursor.position();
        let before = cursor.clone();
        let readable = cursor.skip().is_ok();
        if here <= target && (!readable || cursor.offset() > target) {
            child = Some((before, segment.to_string()));
            return Err(cursor.invalid("the value that was looked for"));
        }
        if readable { Ok(()) } else { Err(cursor.invalid("JSON")) }
    });
    let Some((inner, segment)) = child else { return false };
    push_segment(path, &segment);
    *cursor = inner;
    true
}

fn push_segment(path: &mut String, segment: &str) {
    path.push('/');
    path.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"a": [1, {"b/c": "x"}], "d": null, "e": {"f": [tru"#;

    #[test]
    fn a_place_is_named_by_its_pointer() {
        for (needle, pointer) in [
            ("{", ""),
            ("[1", "/a"),
            ("1", "/a/0"),
            ("{\"b", "/a/1"),
            ("\"x", "/a/1/b~1c"),
            ("null", "/d"),
            ("tru", "/e/f/0"),
        ] {
            let place = Place::at(BODY.find(needle).unwrap_or(0));
            assert_eq!(place.pointer(BODY), pointer, "{needle}");
        }
    }

    #[test]
    fn a_missing_field_is_named_too() {
        assert_eq!(Place::at(BODY.find("{\"b").unwrap_or(0)).field("role").pointer(BODY), "/a/1/role");
    }
}
