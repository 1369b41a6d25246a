//! Objects with known keys, declared as a struct.

use super::{Literal, Place, Raw};

/// A member of an object that the dialect's reader does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// Its key.
    pub key: Literal<'a>,
    /// Its value, kept as it is.
    pub value: Raw<'a>,
}

impl Unknown<'_> {
    /// Where its value stood.
    pub fn place(&self) -> Place {
        self.value.place()
    }

    /// Whether it says nothing: `null`, `[]`, `{}` and `false` may be left out without a word.
    pub fn is_void(&self) -> bool {
        matches!(self.value.text(), "null" | "[]" | "{}" | "false" | "\"\"")
    }
}

/// Declare a struct that reads a JSON object. Every field is optional on the wire, and `null` counts as absent.
///
/// `field: Type = "key" | "other spelling"` becomes `field: Option<Type>`; the struct also gets `place`, where the
/// object stood. With `..unknown` at the end, members with other keys are kept; with `..ignored` they are skipped.
macro_rules! json_object {
    (@member unknown $cursor:ident $key:ident $unknown:ident) => {
        $unknown.push($crate::json::Unknown { key: $key, value: $cursor.raw()? })
    };
    (@member ignored $cursor:ident $key:ident $unknown:ident) => {
        $cursor.skip()?
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident<$lifetime:lifetime> {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $($key:literal)|+,)*
            ..$rest:ident
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        #[allow(clippy::struct_field_names, reason = "fields are called what the wire calls them")]
        $visibility struct $name<$lifetime> {
            $($(#[$field_meta])* $visibility $field: Option<$type>,)*
            /// Where the object stood.
            #[allow(dead_code, reason = "not every reader names its objects")]
            $visibility place: $crate::json::Place,
            /// Members with other keys, if they are kept.
            #[allow(dead_code, reason = "empty with ..ignored")]
            $visibility unknown: Vec<$crate::json::Unknown<$lifetime>>,
        }

        impl<$lifetime> $crate::json::FromJson<$lifetime> for $name<$lifetime> {
            fn from_json(cursor: &mut $crate::json::Cursor<$lifetime>) -> Result<Self, $crate::json::Invalid> {
                let mut this = Self::default();
                this.read_members(cursor)?;
                Ok(this)
            }

            fn read_into(
                place: &mut Option<Self>,
                cursor: &mut $crate::json::Cursor<$lifetime>,
            ) -> Result<(), $crate::json::Invalid> {
                *place = None;
                if cursor.null()? { Ok(()) } else { place.insert(Self::default()).read_members(cursor) }
            }
        }

        impl<$lifetime> $name<$lifetime> {
            fn read_members(
                &mut self,
                cursor: &mut $crate::json::Cursor<$lifetime>,
            ) -> Result<(), $crate::json::Invalid> {
                self.place = cursor.place();
                #[allow(unused_variables, reason = "empty with ..ignored")]
                let unknown = &mut self.unknown;
                cursor.object(|cursor, key| {
                    match &*key.decode() {
                        $($($key)|+ => $crate::json::FromJson::read_into(&mut self.$field, cursor)?,)*
                        _ => { $crate::json::json_object!(@member $rest cursor key unknown); }
                    }
                    Ok(())
                })
            }
        }
    };
}
pub(crate) use json_object;

#[cfg(test)]
mod tests {
    use crate::json::{Literal, Number, parse};

    json_object! {
        /// An example.
        struct Example<'a> {
            name: Literal<'a> = "name",
            top_k: Number<'a> = "topK" | "top_k",
            ..unknown
        }
    }

    #[test]
    fn known_keys_are_read_and_others_kept() {
        let example: Example = parse(r#"{"n\u0061me":"x","top_k":3,"more":[1]}"#).unwrap_or_default();
        assert_eq!(example.name.map(Literal::escaped), Some("x"));
        assert_eq!(example.top_k.and_then(Number::as_u64), Some(3));
        assert_eq!(example.unknown.len(), 1);
    }

    #[test]
    fn null_is_absent_and_a_wrong_type_is_an_error_at_its_place() {
        let text = r#"{"name":null,"topK":"3"}"#;
        let invalid =
            parse::<Example>(text).map(drop).err().map(|invalid| (invalid.place.pointer(text), invalid.expected));
        assert_eq!(invalid, Some(("/topK".into(), "a number")));
    }
}
