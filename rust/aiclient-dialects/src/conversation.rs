//! Which conversation a request belongs to, as far as its body tells.
//!
//! Vendors cache prompts by their beginning, so the requests of one conversation should meet one cache. What stays the
//! same from turn to turn is its opening: the instructions and the first message of the user.

use crate::json::{Cursor, Invalid, Kind, Literal, Raw};

/// Most bytes of one string that count, half from either end: a conversation is told by less than a book.
const SAMPLED: usize = 1024;
/// Bytes of a body from which on vendors cache prompts: 1,024 tokens, at about four bytes each.
/// platform.openai.com/docs/guides/prompt-caching, docs.claude.com/en/docs/build-with-claude/prompt-caching
const CACHED_FROM: usize = 4096;

/// Members that say the same of every message, or that change from turn to turn: a cache marker moves on.
const SKIPPED: &[&str] = &["cache_control", "id", "role", "status", "type"];
/// An odd number without a pattern (the golden ratio's fraction).
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// What tells one conversation from another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening<'a> {
    /// The client's own name for it: `prompt_cache_key`. (C, R)
    pub cache_key: Option<Raw<'a>>,
    /// Instructions, beside the messages or first among them.
    pub system: Option<Raw<'a>>,
    /// The user's first message.
    pub first: Option<Raw<'a>>,
}

impl<'a> Opening<'a> {
    /// Read a list of messages, or the text that stands for one, as far as the opening is concerned.
    pub fn read_messages(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Invalid> {
        if cursor.kind()? != Kind::Array {
            self.first = Some(cursor.raw()?);
            return Ok(());
        }
        cursor.array(|cursor| if self.first.is_some() { cursor.skip() } else { self.read_message(cursor) })
    }

    fn read_message(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Invalid> {
        if cursor.kind()? != Kind::Object {
            return cursor.skip();
        }
        let mut role = None;
        let message = cursor.raw_read_by(|cursor| {
            cursor.object(|cursor, key| {
                if key == *"role" && cursor.kind()? == Kind::String {
                    role = Some(cursor.string()?);
                    return Ok(());
                }
                cursor.skip()
            })
        })?;
        match role.map(Literal::escaped) {
            // Gemini may leave the role of its only message out.
            Some("user") | None => self.first = Some(message),
            Some("system" | "developer") => self.system = self.system.or(Some(message)),
            Some(_) => {}
        }
        Ok(())
    }

    /// A number that all requests of a conversation share, if there is anything to go by; `size` is that of the body.
    pub fn fingerprint(&self, size: usize) -> Option<u64> {
        let mut hash = Fingerprint::default();
        if let Some(key) = self.cache_key.filter(|key| key.kind() == Kind::String) {
            hash.add(key);
        } else if size >= CACHED_FROM {
            for part in [self.system, self.first].into_iter().flatten() {
                hash.add(part);
            }
        }
        hash.finish()
    }
}

/// A hash over the strings of JSON values. Not for secrets: it only spreads.
#[derive(Default)]
struct Fingerprint(u64);

impl Fingerprint {
    fn add(&mut self, value: Raw<'_>) {
        // A `Raw` is only ever made of a valid value.
        let read = self.value(&mut Cursor::new(value.text()));
        debug_assert_eq!(read, Ok(()));
    }

    fn value(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Invalid> {
        match cursor.kind()? {
            Kind::String => self.text(cursor.string()?),
            Kind::Array => cursor.array(|cursor| self.value(cursor))?,
            Kind::Object => {
                cursor.object(
                    |cursor, key| {
                        if SKIPPED.contains(&key.escaped()) { cursor.skip() } else { self.value(cursor) }
                    },
                )?
            }
            _ => cursor.skip()?,
        }
        Ok(())
    }

    fn text(&mut self, text: Literal<'_>) {
        let bytes = text.escaped().as_bytes();
        self.word(bytes.len() as u64);
        if bytes.len() > SAMPLED {
            self.bytes(&bytes[..SAMPLED / 2]);
            self.bytes(&bytes[bytes.len() - SAMPLED / 2..]);
        } else {
            self.bytes(bytes);
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    fn word(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
        self.0 = mixed ^ (mixed >> 32);
    }

    /// None if there was no text.
    fn finish(&self) -> Option<u64> {
        (self.0 != 0).then_some(self.0)
    }
}
