//! Thoughts with their state in one opaque field, for clients that give back such a field and not the thoughts.
//!
//! Gemini's clients keep the signature of a call, and drop the thoughts that led to it. A vendor that seals the text
//! itself wants both back, in their places. So both go into an [`Opaque`] of kind [`OpaqueKind::Thoughts`], whose payload
//! is a JSON array with an array of strings for each thought: kind, place, text, state. It stands on the next call, or on
//! the last text. Between that part and the call before it there may be texts: the place is `t` for a thought that stood
//! behind them, and empty for one before.

use super::{Opaque, OpaqueKind};
use crate::dialect::Dialect;
use crate::json::{Literal, parse, write_array};

/// A thought as it stands in the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackedThought {
    /// The text, possibly empty.
    pub(crate) text: String,
    /// The state that goes with it.
    pub(crate) opaque: Opaque<'static>,
    /// Whether it followed a text.
    pub(crate) after_text: bool,
}

/// Thoughts on their way to a part that comes back.
#[derive(Debug, Default)]
pub(crate) struct ThoughtPack {
    source: Option<Dialect>,
    rows: Vec<u8>,
    after_text: bool,
}

impl ThoughtPack {
    /// A text is written.
    pub(crate) fn pass_text(&mut self) {
        self.after_text = true;
    }

    /// Put a thought in.
    pub(crate) fn push(&mut self, text: &str, opaque: &Opaque<'_>) {
        self.source = Some(opaque.source);
        if !self.rows.is_empty() {
            self.rows.push(b',');
        }
        let place = if self.after_text { "t" } else { "" };
        write_array(&mut self.rows, |row| {
            row.element(opaque.kind.letter().to_string().as_str());
            row.element(place);
            row.element(text);
            row.element(&opaque.payload);
        });
    }

    /// Take out what is in it, for a call or the last text.
    pub(crate) fn take(&mut self) -> Option<Opaque<'static>> {
        let Self { source, rows, .. } = std::mem::take(self);
        let payload = format!("[{}]", String::from_utf8_lossy(&rows));
        Some(Opaque { source: source?, kind: OpaqueKind::Thoughts, payload: payload.into() })
    }
}

/// The thoughts in a field, none if it holds something else; those that nobody can read are left out.
pub(crate) fn unpack(opaque: &Opaque<'_>) -> Option<Vec<PackedThought>> {
    if opaque.kind != OpaqueKind::Thoughts {
        return None;
    }
    let payload = opaque.payload.decode();
    let rows: Vec<Vec<Literal<'_>>> = parse(&payload).unwrap_or_default();
    Some(rows.iter().filter_map(|row| read_row(row, opaque.source)).collect())
}

fn read_row(row: &[Literal<'_>], source: Dialect) -> Option<PackedThought> {
    let [kind, place, text, payload] = row else { return None };
    let kind = OpaqueKind::of_letter(kind.decode().chars().next()?)?;
    let payload = payload.decode().into_owned().into();
    Some(PackedThought {
        text: text.decode().into_owned(),
        opaque: Opaque { source, kind, payload },
        after_text: place.decode() == "t",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_come_out_as_they_went_in() {
        let seal = Opaque { source: Dialect::Anthropic, kind: OpaqueKind::Signature, payload: "Eq/+==".into() };
        let secret = Opaque { kind: OpaqueKind::Encrypted, ..seal.clone() };
        let mut pack = ThoughtPack::default();
        pack.push("先 \"look\"\n", &seal);
        pack.pass_text();
        pack.push("", &secret);
        let packed = pack.take();
        let expected = vec![
            PackedThought { text: "先 \"look\"\n".to_owned(), opaque: seal, after_text: false },
            PackedThought { text: String::new(), opaque: secret, after_text: true },
        ];
        assert_eq!(packed.as_ref().and_then(unpack), Some(expected));
        assert_eq!(pack.take(), None);
    }

    #[test]
    fn what_nobody_can_read_is_left_out() {
        for payload in ["", "[", "[1]", r#"[["s"]]"#, r#"[["?","","t","p"]]"#] {
            let opaque = Opaque { source: Dialect::Anthropic, kind: OpaqueKind::Thoughts, payload: payload.into() };
            assert_eq!(unpack(&opaque), Some(Vec::new()), "{payload}");
        }
    }
}
