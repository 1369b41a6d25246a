//! The reasoning state of calls, kept for clients that do not give it back.
//!
//! Stock Chat clients return a call with its id, name and arguments and nothing else, so the vendor that sealed the
//! thoughts before it does not get them back, and answers worse or not at all. What stood before a call is kept here by
//! the call's id: bounded in bytes, the least recently used goes first, and nothing is kept longer than its time.
//! Must not know: what time it is; every exchange says when it began.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dialect::Dialect;
use crate::ir::{Message, Opaque, Part, PartContent, Request, Role, Thought, ToolCall};
use crate::json::Text;

/// Bytes that an entry takes beside its texts, roughly.
const OVERHEAD: usize = 160;

/// What stood before a call, and the state of the call itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Thoughts since the call before: text and state.
    pub thoughts: Vec<(String, Opaque<'static>)>,
    /// The state of the call. (G)
    pub signature: Option<Opaque<'static>>,
}

impl Remembered {
    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.thoughts.is_empty() && self.signature.is_none()
    }

    fn size(&self) -> usize {
        let state = |opaque: &Opaque<'_>| opaque.payload.decode().len();
        let thoughts: usize = self.thoughts.iter().map(|(text, opaque)| text.len() + state(opaque)).sum();
        thoughts + self.signature.as_ref().map_or(0, state) + OVERHEAD
    }
}

/// Keeps what clients do not give back.
#[derive(Debug)]
pub struct ReasoningMemory {
    capacity: usize,
    lifetime: u64,
    shelf: Mutex<Shelf>,
}

type Key = Arc<[u8]>;

#[derive(Debug, Default)]
struct Shelf {
    entries: BTreeMap<Key, Entry>,
    /// By when each was last used, oldest first.
    uses: BTreeMap<u64, Key>,
    clock: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    remembered: Remembered,
    used: u64,
    since: u64,
    size: usize,
}

impl ReasoningMemory {
    /// A memory of at most `capacity` bytes, in which nothing stays longer than `lifetime` seconds.
    pub fn new(capacity: usize, lifetime: u64) -> Self {
        Self { capacity, lifetime, shelf: Mutex::default() }
    }

    /// How many calls are remembered, and in how many bytes.
    pub fn size(&self) -> (usize, usize) {
        let shelf = self.shelf();
        (shelf.entries.len(), shelf.bytes)
    }

    /// Keep what belongs to a call; `scope` keeps those apart who must not see each other's.
    ///
    /// Some servers number the calls of a reply and no more, so an id that comes again with other thoughts stands for
    /// neither: those of another conversation would be refused, or worse, believed.
    pub fn remember(&self, scope: &[u8], call: &str, remembered: Remembered, now: u64) {
        let key = key(scope, call);
        let size = remembered.size() + key.len();
        let mut shelf = self.shelf();
        let before = shelf.entries.get(&key).filter(|entry| now.saturating_sub(entry.since) <= self.lifetime);
        let clear = before.is_none_or(|entry| entry.remembered == remembered);
        let remembered = if clear { remembered } else { Remembered::default() };
        shelf.forget(&key);
        if size <= self.capacity {
            shelf.insert(key, remembered, size, now);
            while shelf.bytes > self.capacity {
                shelf.forget_oldest();
            }
        }
    }

    /// What belongs to a call.
    pub fn recall(&self, scope: &[u8], call: &str, now: u64) -> Option<Remembered> {
        let key = key(scope, call);
        let mut shelf = self.shelf();
        if now.saturating_sub(shelf.entries.get(&key)?.since) > self.lifetime {
            shelf.forget(&key);
            return None;
        }
        shelf.touch(&key);
        shelf.entries.get(&key).map(|entry| entry.remembered.clone())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(scope: &[u8], call: &str) -> Key {
    [scope, &[0], call.as_bytes()].concat().into()
}

impl Shelf {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn insert(&mut self, key: Key, remembered: Remembered, size: usize, now: u64) {
        let used = self.tick();
        self.uses.insert(used, Arc::clone(&key));
        self.bytes += size;
        self.entries.insert(key, Entry { remembered, used, since: now, size });
    }

    fn touch(&mut self, key: &Key) {
        let now = self.tick();
        if let Some(entry) = self.entries.get_mut(key) {
            self.uses.remove(&entry.used);
            entry.used = now;
            self.uses.insert(now, Arc::clone(key));
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.uses.remove(&entry.used);
            self.bytes -= entry.size;
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.uses.pop_first() {
            self.forget(&key);
        }
    }
}

/// Someone's memory, at some time.
#[derive(Clone, Debug)]
pub struct Recollection {
    /// Where it is kept.
    pub memory: Arc<ReasoningMemory>,
    /// Whose it is.
    pub scope: Arc<[u8]>,
    /// When, in seconds since 1970.
    pub now: u64,
}

impl Recollection {
    /// Put what is remembered back into turns with calls that came without.
    pub(crate) fn restore(&self, request: &mut Request<'_>, upstream: Dialect) {
        for message in request.messages.iter_mut().filter(|message| message.role == Role::Assistant) {
            if !has_state(message) {
                self.restore_turn(message, upstream);
            }
        }
    }

    fn restore_turn(&self, message: &mut Message<'_>, upstream: Dialect) {
        let place = message.place;
        let mut restored: Vec<Part<'_>> = Vec::new();
        let mut found = false;
        let mut first_call = true;
        for mut part in std::mem::take(&mut message.parts) {
            if let PartContent::ToolCall(call) = &mut part.content {
                let remembered = self.recall(call, upstream);
                found |= !remembered.is_empty();
                call.signature = remembered.signature;
                let thoughts = remembered.thoughts.into_iter().map(|(text, opaque)| {
                    let thought = Thought { text: Text::from(text), opaque: Some(opaque) };
                    Part::new(PartContent::Thought(thought), place)
                });
                // A turn begins with its thoughts; Chat has its text in front of all calls.
                let at = if first_call { 0 } else { restored.len() };
                restored.splice(at..at, thoughts);
                first_call = false;
            }
            restored.push(part);
        }
        if found {
            // Thoughts that came as mere text are there again, sealed.
            restored.retain(|part| !matches!(&part.content, PartContent::Thought(Thought { opaque: None, .. })));
        }
        message.parts = restored;
    }

    /// What this upstream's vendor wants back with a call.
    fn recall(&self, call: &ToolCall<'_>, upstream: Dialect) -> Remembered {
        let id = call.id.as_ref().map(Text::decode).unwrap_or_default();
        let found = self.memory.recall(&self.scope, &id, self.now).unwrap_or_default();
        Remembered {
            thoughts: found.thoughts.into_iter().filter(|(_, opaque)| opaque.source == upstream).collect(),
            signature: found.signature.filter(|opaque| opaque.source == upstream),
        }
    }
}

fn has_state(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| match &part.content {
        PartContent::Thought(thought) => thought.opaque.is_some(),
        PartContent::ToolCall(call) => call.signature.is_some(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::OpaqueKind;

    fn seal(payload: &str) -> Remembered {
        let opaque =
            Opaque { source: Dialect::Anthropic, kind: OpaqueKind::Signature, payload: payload.to_owned().into() };
        Remembered { thoughts: vec![("T".to_owned(), opaque)], signature: None }
    }

    #[test]
    fn what_was_remembered_is_recalled_by_whose_it_is_alone() {
        let memory = ReasoningMemory::new(10_000, 60);
        memory.remember(b"ann", "call_1", seal("a"), 100);
        assert_eq!(memory.recall(b"ann", "call_1", 160), Some(seal("a")));
        assert_eq!(memory.recall(b"bob", "call_1", 100), None);
        assert_eq!(memory.recall(b"ann", "call_1", 161), None);
        assert_eq!(memory.size(), (0, 0));
    }

    #[test]
    fn an_id_that_comes_again_with_other_thoughts_stands_for_neither() {
        let memory = ReasoningMemory::new(10_000, 60);
        for (state, expected) in [("a", seal("a")), ("a", seal("a")), ("b", Remembered::default())] {
            memory.remember(b"", "functions.f:0", seal(state), 1);
            assert_eq!(memory.recall(b"", "functions.f:0", 1), Some(expected));
        }
        memory.remember(b"", "functions.f:0", seal("c"), 62);
        assert_eq!(memory.recall(b"", "functions.f:0", 62), Some(seal("c")));
    }

    #[test]
    fn it_stays_within_its_bounds() {
        let memory = ReasoningMemory::new(600, 60);
        for call in ["1", "2", "3", "1", "4"] {
            memory.remember(b"", call, seal("x"), 1);
            let _ = memory.recall(b"", "1", 1);
        }
        let kept: Vec<&str> =
            ["1", "2", "3", "4"].into_iter().filter(|call| memory.recall(b"", call, 1).is_some()).collect();
        assert_eq!(kept, ["1", "3", "4"]);
        assert!(memory.size().1 <= 600);
        memory.remember(b"", "big", seal(&"y".repeat(700)), 1);
        assert_eq!(memory.recall(b"", "big", 1), None);
        assert_eq!(memory.size().0, 3);
    }
}
