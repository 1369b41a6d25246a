//! JSON without trees: a cursor that borrows from the body, and a writer that appends to one buffer.
//!
//! Text stays escaped as it stood on the wire ([`Literal`]), numbers keep their digits ([`Number`]), and what a
//! dialect does not interpret is carried as the bytes it was ([`Raw`]). Everything borrowed knows the offset it
//! stood at, so that an error or a loss can be named by its JSON Pointer without any bookkeeping on the way.
//! Reference: RFC 8259 (JSON), RFC 6901 (JSON Pointer).

mod array_stream;
mod cursor;
mod escaped;
mod literal;
mod member_stream;
mod object;
mod place;
mod skim;
mod tree;
mod value;
mod write;

pub use array_stream::ArrayStream;
pub use cursor::{Cursor, Invalid, Kind};
pub use escaped::EscapedText;
pub use literal::{Literal, Text};
pub use member_stream::{MemberForm, MemberStream};
pub use object::Unknown;
pub(crate) use object::json_object;
pub use place::{At, Place};
pub use tree::Node;
pub use value::{FromJson, Number, Raw, parse};
pub use write::{Array, Object, ToJson, push_escaped, write_array, write_object};
