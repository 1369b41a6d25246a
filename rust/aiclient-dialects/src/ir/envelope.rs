//! Opaque reasoning state of one vendor, carried through a client of another dialect.
//!
//! Signatures and encrypted reasoning mean nothing to anyone but their vendor, who wants them back byte for byte.
//! A client echoes what it finds in its own dialect's opaque fields, so the state travels there inside an envelope:
//! `aic1.` + source letter + kind letter + `.` + payload. The payload is the vendor's own string, unchanged.

use std::borrow::Cow;

use crate::dialect::Dialect;
use crate::json::Text;

const MARK: &str = "aic1.";

/// What kind of state it is, by the field it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueKind {
    /// The seal on thinking text: A `thinking.signature`, C `reasoning_details[].signature`.
    Signature,
    /// Thinking that is only there encrypted: A `redacted_thinking.data`, R `encrypted_content`, C `reasoning.encrypted`.
    Encrypted,
    /// A seal on a call or a text: G `thoughtSignature`.
    Thought,
    /// Thoughts with what seals them, packed by us: see [`super::thoughts`].
    Thoughts,
}

impl OpaqueKind {
    /// How an envelope names it.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Signature => 's',
            Self::Encrypted => 'e',
            Self::Thought => 't',
            Self::Thoughts => 'p',
        }
    }

    pub(super) fn of_letter(letter: char) -> Option<Self> {
        [Self::Signature, Self::Encrypted, Self::Thought, Self::Thoughts]
            .into_iter()
            .find(|kind| kind.letter() == letter)
    }
}

/// Opaque state of a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque<'a> {
    /// Whose it is.
    pub source: Dialect,
    /// Where it belongs.
    pub kind: OpaqueKind,
    /// The vendor's own string.
    pub payload: Text<'a>,
}

impl<'a> Opaque<'a> {
    /// What stands in an opaque field of `dialect`: an envelope, or that vendor's own state.
    pub fn read(field: Text<'a>, dialect: Dialect, kind: OpaqueKind) -> Self {
        match Self::unseal(&field) {
            Some(opaque) => opaque,
            None => Self { source: dialect, kind, payload: field },
        }
    }

    /// The content of an opaque field of a `client`: its vendor's own state as it is, another's in an envelope.
    pub fn carried(&self, client: Dialect) -> Cow<'_, str> {
        if self.source == client { self.payload.decode() } else { Cow::Owned(self.seal()) }
    }

    /// A copy that borrows nothing.
    pub(crate) fn to_static(&self) -> Opaque<'static> {
        Opaque { source: self.source, kind: self.kind, payload: self.payload.to_static() }
    }

    /// The envelope.
    pub fn seal(&self) -> String {
        let source = match self.source {
            Dialect::OpenAiChat => 'o',
            Dialect::OpenAiResponses => 'r',
            Dialect::Anthropic => 'a',
            Dialect::Gemini => 'g',
        };
        format!("{MARK}{source}{}.{}", self.kind.letter(), self.payload.decode())
    }

    fn unseal(field: &Text<'_>) -> Option<Self> {
        let text = field.decode();
        let (head, payload) = text.strip_prefix(MARK)?.split_once('.')?;
        let mut letters = head.chars();
        let source = match letters.next()? {
            'o' => Dialect::OpenAiChat,
            'r' => Dialect::OpenAiResponses,
            'a' => Dialect::Anthropic,
            'g' => Dialect::Gemini,
            _ => return None,
        };
        let kind = OpaqueKind::of_letter(letters.next()?)?;
        Some(Self { source, kind, payload: Text::from(payload.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_gives_back_what_was_put_in() {
        let opaque = Opaque { source: Dialect::Gemini, kind: OpaqueKind::Thought, payload: "AbC+/=.x".into() };
        assert_eq!(opaque.seal(), "aic1.gt.AbC+/=.x");
        assert_eq!(Opaque::read(opaque.seal().into(), Dialect::Anthropic, OpaqueKind::Signature), opaque);
    }

    #[test]
    fn a_vendors_own_state_is_not_wrapped() {
        let opaque = Opaque::read("EqRk".into(), Dialect::Anthropic, OpaqueKind::Signature);
        assert_eq!(opaque.carried(Dialect::Anthropic), "EqRk");
        assert_eq!(opaque.carried(Dialect::OpenAiChat), "aic1.as.EqRk");
    }
}
