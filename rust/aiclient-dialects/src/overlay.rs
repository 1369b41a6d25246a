//! Members laid over a request that is written already: what a route wants said, in the upstream's own words.
//!
//! Everything else keeps its bytes, numbers and order included.

use crate::json::{Cursor, Invalid, Kind, Literal, Raw, parse};

/// Who wins where both have a member; objects in both are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// The body: what is laid over it are defaults. A `null` counts as absent.
    Body,
    /// What is laid over it; a `null` there takes the member away, as in RFC 7396 (JSON Merge Patch).
    Overlay,
}

/// The body with the members of `overlay`, both JSON objects.
pub fn overlaid(body: &str, overlay: &str, precedence: Precedence) -> Result<Vec<u8>, Invalid> {
    let mut out = Vec::with_capacity(body.len() + overlay.len());
    merge(&mut out, parse(body)?, parse(overlay)?, precedence)?;
    Ok(out)
}

fn merge(out: &mut Vec<u8>, body: Raw<'_>, overlay: Raw<'_>, precedence: Precedence) -> Result<(), Invalid> {
    let wins = match precedence {
        Precedence::Body if body.kind() != Kind::Null => body,
        _ => overlay,
    };
    if body.kind() != Kind::Object || overlay.kind() != Kind::Object {
        out.extend_from_slice(wins.text().as_bytes());
        return Ok(());
    }
    let mut rest = members(overlay)?;
    out.push(b'{');
    for (key, value) in members(body)? {
        let laid = rest.iter().position(|(name, _)| name.decode() == key.decode()).map(|index| rest.remove(index).1);
        if laid.is_some_and(|laid| is_removal(laid, precedence)) {
            continue;
        }
        open_member(out, key);
        match laid {
            Some(laid) => merge(out, value, laid, precedence)?,
            None => out.extend_from_slice(value.text().as_bytes()),
        }
    }
    for (key, value) in rest.into_iter().filter(|(_, value)| !is_removal(*value, precedence)) {
        open_member(out, key);
        out.extend_from_slice(value.text().as_bytes());
    }
    out.push(b'}');
    Ok(())
}

fn is_removal(value: Raw<'_>, precedence: Precedence) -> bool {
    precedence == Precedence::Overlay && value.kind() == Kind::Null
}

fn open_member(out: &mut Vec<u8>, key: Literal<'_>) {
    if !out.ends_with(b"{") {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(key.escaped().as_bytes());
    out.extend_from_slice(b"\":");
}

fn members(object: Raw<'_>) -> Result<Vec<(Literal<'_>, Raw<'_>)>, Invalid> {
    let mut members = Vec::new();
    Cursor::new(object.text()).object(|cursor, key| {
        members.push((key, cursor.raw()?));
        Ok(())
    })?;
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(body: &str, overlay: &str, precedence: Precedence) -> String {
        String::from_utf8(overlaid(body, overlay, precedence).unwrap_or_default()).unwrap_or_default()
    }

    #[test]
    fn defaults_fill_what_is_not_said() {
        let body = r#"{ "a": 1.50, "b": null, "c": {"d": 1, "e": []} }"#;
        let defaults = r#"{"a":2,"b":3,"c":{"d":9,"f":"x"},"g":{"h":1}}"#;
        let expected = r#"{"a":1.50,"b":3,"c":{"d":1,"e":[],"f":"x"},"g":{"h":1}}"#;
        assert_eq!(laid(body, defaults, Precedence::Body), expected);
    }

    #[test]
    fn an_overlay_replaces_and_takes_away() {
        let body = r#"{"a":1,"b":2,"c":{"d":1,"e":2},"\u0066":3}"#;
        let overlay = r#"{"a":{"x":1},"b":null,"c":{"d":null,"z":0},"f":4,"n":null}"#;
        let expected = r#"{"a":{"x":1},"c":{"e":2,"z":0},"\u0066":4}"#;
        assert_eq!(laid(body, overlay, Precedence::Overlay), expected);
        assert_eq!(laid("{}", r#"{"a":1,"b":2}"#, Precedence::Overlay), r#"{"a":1,"b":2}"#);
    }
}
