//! stub
use crate::json::{Raw, ToJson};
pub(super) fn write_json_schema(schema: Raw<'_>, out: &mut Vec<u8>) {
    schema.write_json(out)
}
