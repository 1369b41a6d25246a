//! Text that is put together of pieces as they stood on the wire.

use super::{Literal, Text, ToJson, parse, push_escaped};

/// Pieces of one text, still escaped: an escape may be cut between two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EscapedText {
    escaped: Vec<u8>,
}

impl EscapedText {
    /// Append a piece.
    #[inline]
    pub fn push(&mut self, piece: &Text<'_>) {
        match piece {
            Text::Plain(text) => push_escaped(&mut self.escaped, text),
            literal => literal.push_escaped_to(&mut self.escaped),
        }
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.escaped.is_empty()
    }

    /// Forget the text.
    pub fn clear(&mut self) {
        self.escaped.clear();
    }

    /// The text that the pieces make together.
    pub fn decode(&self) -> String {
        let mut json = Vec::with_capacity(self.escaped.len() + 2);
        self.write_json(&mut json);
        let text = String::from_utf8(json).unwrap_or_default();
        parse::<Literal<'_>>(&text).map(|literal| literal.decode().into_owned()).unwrap_or_default()
    }

    /// How many characters it has.
    pub fn characters(&self) -> u64 {
        self.decode().chars().count() as u64
    }
}

impl ToJson for EscapedText {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(&self.escaped);
        out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_in_two_is_whole_again() {
        let mut text = EscapedText::default();
        for piece in [r#""a\n\ud83d""#, r#""\ude00""#] {
            if let Ok(literal) = parse::<Literal<'_>>(piece) {
                text.push(&literal.into());
            }
        }
        text.push(&Text::from("\"é"));
        assert_eq!((text.decode().as_str(), text.characters()), ("a\n😀\"é", 5));
    }
}
