//! Model and stream flag, which this dialect has in the path.

use super::super::Head;
use crate::json::{Cursor, Invalid};

/// Check that the body is a JSON object; it names neither model nor stream.
pub(super) fn read_head(body: &str) -> Result<Head<'_>, Invalid> {
    let mut cursor = Cursor::new(body);
    cursor.object(|cursor, _| cursor.skip())?;
    cursor.end()?;
    Ok(Head::default())
}
