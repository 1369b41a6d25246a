//! Model, stream flag and opening of dialects that have all of them in the body.

use super::Head;
use crate::json::{At, Cursor, FromJson, Invalid};

/// Find model, stream flag and opening, checking the rest only for being JSON.
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
            "prompt_cache_key" => head.opening.cache_key = Some(cursor.raw()?),
            "system" | "instructions" => head.opening.system = Some(cursor.raw()?),
            "messages" | "input" => head.opening.read_messages(cursor)?,
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

    fn fingerprint(body: &str) -> Option<u64> {
        read_head(body).unwrap_or_default().opening.fingerprint(usize::MAX)
    }

    #[test]
    fn turns_of_one_conversation_have_one_fingerprint() {
        let first = fingerprint(r#"{"system":"s","messages":[{"role":"user","content":"hi"}]}"#);
        assert!(first.is_some());
        for same in [
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"e"}}]},
               {"role":"assistant","content":"yes"},{"role":"user","content":"more"}],"system":"s"}"#,
            r#"{"input":[{"type":"message","role":"user","content":"hi"},{"type":"reasoning"}],"instructions":"s"}"#,
            r#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"model":"m"}"#,
        ] {
            assert_eq!(fingerprint(same), first, "{same}");
        }
        for other in [
            r#"{"system":"s","messages":[{"role":"user","content":"hi!"}]}"#,
            r#"{"system":"t","messages":[{"role":"user","content":"hi"}]}"#,
            r#"{"system":"s","messages":[{"role":"user","content":"hi"}],"prompt_cache_key":"k"}"#,
        ] {
            assert_ne!(fingerprint(other), first, "{other}");
        }
    }

    #[test]
    fn a_name_of_the_clients_own_comes_first() {
        let named = fingerprint(r#"{"input":"a","prompt_cache_key":"k"}"#);
        assert_eq!(fingerprint(r#"{"prompt_cache_key":"k","input":"b"}"#), named);
        assert_eq!(fingerprint(r#"{"prompt_cache_key":null,"input":"a"}"#), fingerprint(r#"{"input":"a"}"#));
        assert_eq!(fingerprint(r#"{"model":"m"}"#), None);
    }

    #[test]
    fn what_is_too_short_to_be_cached_is_of_no_conversation() {
        let opening = |body| read_head(body).unwrap_or_default().opening;
        assert_eq!(opening(r#"{"input":"a"}"#).fingerprint(13), None);
        assert!(opening(r#"{"input":"a","prompt_cache_key":"k"}"#).fingerprint(13).is_some());
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for bad in ["", "[]", "{\"model\":1}", "{\"model\":\"a\",\"model\":\"b\"}", "{\"stream\":\"yes\"}", "{} {}"] {
            assert!(read_head(bad).is_err(), "{bad}");
        }
    }
}
