//! Model and stream flag, which this dialect has in the path; the opening is in the body.

use super::super::Head;
use crate::json::{Cursor, Invalid};

/// Find the opening; the body names neither model nor stream.
pub(super) fn read_head(body: &str) -> Result<Head<'_>, Invalid> {
    let mut head = Head::default();
    let mut cursor = Cursor::new(body);
    cursor.object(|cursor, key| {
        match &*key.decode() {
            "systemInstruction" | "system_instruction" => head.opening.system = Some(cursor.raw()?),
            "contents" => head.opening.read_messages(cursor)?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    cursor.end()?;
    Ok(head)
}
