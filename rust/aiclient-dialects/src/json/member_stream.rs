//! One member taken out of a JSON object that comes in pieces.
//!
//! ```text
//!   Head --`{"key":`--> Text or Json --end of the value--> Done
//!     |
//!     +--anything else--> Raw          all of it, as it came
//! ```

use super::literal::unescape_one;

/// What of the member is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberForm {
    /// The text of a string.
    Text,
    /// The JSON of any value.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Head,
    Text,
    Json { depth: u32, in_string: bool, escaped: bool },
    Raw,
    Done,
}

/// Takes the first member out of an object, if it has the right key.
#[derive(Clone, Debug)]
pub struct MemberStream {
    key: &'static str,
    form: MemberForm,
    state: State,
    /// What cannot be told yet: the beginning of the object, or of an escape.
    held: String,
}

enum Head {
    Found(usize),
    Open,
    Wrong,
}

impl MemberStream {
    /// A stream of the member with this key, which contains nothing that is escaped.
    pub fn new(key: &'static str, form: MemberForm) -> Self {
        Self { key, form, state: State::Head, held: String::new() }
    }

    /// Take in the next piece, cut anywhere, and append what it tells of the member.
    pub fn feed(&mut self, piece: &str, out: &mut String) {
        match self.state {
            State::Head => self.head(piece, out),
            State::Text => self.text(piece, out),
            State::Json { .. } => self.json(piece, out),
            State::Raw => out.push_str(piece),
            State::Done => {}
        }
    }

    /// Nothing more comes: append what was held back.
    pub fn finish(&mut self, out: &mut String) {
        if self.state == State::Head {
            out.push_str(&self.held);
        }
        self.state = State::Done;
    }

    fn head(&mut self, piece: &str, out: &mut String) {
        self.held.push_str(piece);
        let (state, from) = match self.find_value() {
            Head::Open => return,
            Head::Wrong => (State::Raw, 0),
            Head::Found(from) if self.form == MemberForm::Text => (State::Text, from),
            Head::Found(from) => (State::Json { depth: 0, in_string: false, escaped: false }, from),
        };
        self.state = state;
        let held = std::mem::take(&mut self.held);
        self.feed(&held[from..], out);
    }

    fn find_value(&self) -> Head {
        let key = format!("\"{}\"", self.key);
        let tokens: &[&str] = match self.form {
            MemberForm::Text => &["{", &key, ":", "\""],
            MemberForm::Json => &["{", &key, ":"],
        };
        let mut rest = self.held.as_str();
        for token in tokens {
            let next = rest.trim_start();
            match next.strip_prefix(token) {
                Some(after) => rest = after,
                None if token.starts_with(next) => return Head::Open,
                None => return Head::Wrong,
            }
        }
        Head::Found(self.held.len() - rest.len())
    }

    fn text(&mut self, piece: &str, out: &mut String) {
        self.held.push_str(piece);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with('"') {
                self.state = State::Done;
                return;
            }
            if !is_whole_escape(rest) {
                rest.clone_into(&mut self.held);
                return;
            }
            let (character, length) = unescape_one(rest);
            out.push(character);
            rest = &rest[length..];
        }
        out.push_str(rest);
    }

    fn json(&mut self, piece: &str, out: &mut String) {
        let State::Json { mut depth, mut in_string, mut escaped } = self.state else { return };
        for (at, byte) in piece.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' if !in_string && depth == 0 => {
                    out.push_str(&piece[..at]);
                    self.state = State::Done;
                    return;
                }
                b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.state = State::Json { depth, in_string, escaped };
        out.push_str(piece);
    }
}

/// Whether the escape at the start is all there, with the other half of a surrogate pair.
fn is_whole_escape(escape: &str) -> bool {
    let unicode = |escape: &str| escape.as_bytes().get(1) == Some(&b'u');
    if !unicode(escape) {
        return escape.chars().nth(1).is_some_and(|character| character.is_ascii());
    }
    let Some(digits) = escape.get(2..6) else { return false };
    let is_high = digits.starts_with(['d', 'D']) && digits[1..].starts_with(['8', '9', 'a', 'b', 'A', 'B']);
    let second = &escape[6..];
    !is_high || second.len() >= 6 || !"\\u".starts_with(&second[..second.len().min(2)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(form: MemberForm, pieces: &[&str]) -> String {
        let mut stream = MemberStream::new("value", form);
        let mut out = String::new();
        pieces.iter().for_each(|piece| stream.feed(piece, &mut out));
        stream.finish(&mut out);
        out
    }

    fn by_character(form: MemberForm, whole: &str) -> String {
        let pieces: Vec<String> = whole.chars().map(String::from).collect();
        member(form, &pieces.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[test]
    fn the_member_comes_out_however_it_is_cut() {
        for (form, whole, expected) in [
            (MemberForm::Text, r#" { "value" : "a\n\"é\ud83d\ude00" } "#, "a\n\"é😀"),
            (MemberForm::Json, r#"{"value":[1,{"x":"]}\""}]}"#, r#"[1,{"x":"]}\""}]"#),
            (MemberForm::Json, r#"{"value": "s" }"#, r#" "s" "#),
            (MemberForm::Text, r#"{"other":"x"}"#, r#"{"other":"x"}"#),
            (MemberForm::Text, "plain", "plain"),
            (MemberForm::Text, r#"{"value":7}"#, r#"{"value":7}"#),
            (MemberForm::Text, r#"{"va"#, r#"{"va"#),
            (MemberForm::Text, r#"{"value":"cut\u00"#, "cut"),
        ] {
            assert_eq!(member(form, &[whole]), expected, "{whole}");
            assert_eq!(by_character(form, whole), expected, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_out(text in any::<String>()) {
            let whole = format!("{{\"value\":{}}}", serde_json::to_string(&text)?);
            prop_assert_eq!(by_character(MemberForm::Text, &whole), text);
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let whole = format!("{{\"value\":\"{text}");
            prop_assert_eq!(by_character(MemberForm::Text, &whole), member(MemberForm::Text, &[&whole]));
        }
    }
}
