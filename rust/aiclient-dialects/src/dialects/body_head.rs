//! Model and stream flag of dialects that have both in the body.

use super::Head;
use crate::json::{At, Cursor, FromJson, Invalid};

/// Find model and stream flag, checking the rest only for being JSON.
///
/// A second `model` is refused: routing and the upstream might each believe another one.
pub(super) fn read_head(body: &str) -> Result<Head<'_>, Invalid> {
    let mut head = Head::default();
    let mut cursor = Cursor::new(body);
    cursor.object(|cursor, key| {
        match &*key.decode() {
            "model" if head.model.is_some() => return Err(cursor.invalid("only one `model`")),
            "model" => head.model = Option::from_json(cursor)?,
            "stream" => head.stream = Option::<At<bool>>::from_json(cursor)?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    cursor.end()?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Literal;

    #[test]
    fn model_and_stream_are_found_anywhere() {
        let head = read_head(r#"{"messages":[{"model":"no"}],"stream":true,"model":"gpt"}"#).unwrap_or_default();
        assert_eq!(head.model.map(Literal::escaped), Some("gpt"));
        assert_eq!(head.stream.map(|stream| stream.value), Some(true));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for bad in ["", "[]", "{\"model\":1}", "{\"model\":\"a\",\"model\":\"b\"}", "{\"stream\":\"yes\"}", "{} {}"] {
            assert!(read_head(bad).is_err(), "{bad}");
        }
    }
}
