//! Names and ids that the other side would not accept, changed and changed back.

use std::borrow::Cow;

/// Tools that go by another name upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameMap {
    /// Upstream's name, client's name.
    renamed: Vec<(String, String)>,
}

impl NameMap {
    /// The name for the upstream; a name outside its rules is made to fit, the same way each time.
    pub fn outgoing<'n>(&mut self, name: Cow<'n, str>, fits: impl Fn(&str) -> bool, longest: usize) -> Cow<'n, str> {
        if fits(&name) {
            return name;
        }
        let changed = fitting(&name, longest);
        if !self.renamed.iter().any(|(upstream, _)| *upstream == changed) {
            self.renamed.push((changed.clone(), name.into_owned()));
        }
        Cow::Owned(changed)
    }

    /// The name for the client.
    pub fn incoming<'n>(&'n self, name: &'n str) -> &'n str {
        self.renamed.iter().find(|(upstream, _)| upstream == name).map_or(name, |(_, client)| client)
    }

    /// Whether nothing was renamed.
    pub fn is_empty(&self) -> bool {
        self.renamed.is_empty()
    }
}

/// `[A-Za-z0-9_-]`, from 1 to `longest` characters: what OpenAI and Anthropic allow in names and ids.
pub(super) fn is_plain(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A plain name of at most `longest` characters that no other name is changed to: what fits, and a hash of the whole.
pub(super) fn fitting(name: &str, longest: usize) -> String {
    let hash = format!("_{:08x}", fnv1a(name));
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '-') { character } else { '_' }
    };
    let mut changed: String = name.chars().map(plain).take(longest - hash.len()).collect();
    if !changed.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        // Gemini wants a letter or an underscore first.
        changed = format!("_{changed}").chars().take(longest - hash.len()).collect();
    }
    changed + &hash
}

/// An id that fits; the same id is changed the same way in a call and in its result.
pub(super) fn fitting_id(id: Cow<'_, str>, longest: usize) -> Cow<'_, str> {
    if is_plain(&id, longest) { id } else { Cow::Owned(fitting(&id, longest)) }
}

/// Ids of calls for vendors that want each only once: clients may count from zero again in every turn.
#[derive(Debug, Default)]
pub(super) struct CallIds {
    /// Each id as the client knows it, and how often it has been given to a call.
    given: Vec<(String, usize)>,
}

impl CallIds {
    /// The id of a call that is written.
    pub(super) fn call(&mut self, id: &str) -> String {
        match self.given.iter_mut().find(|(given, _)| given == id) {
            Some((_, times)) => {
                *times += 1;
                format!("{id}_{times}")
            }
            None => {
                self.given.push((id.to_owned(), 1));
                id.to_owned()
            }
        }
    }

    /// The id of the call that a result answers: the last one of that id.
    pub(super) fn result(&self, id: &str) -> String {
        match self.given.iter().find(|(given, _)| given == id) {
            Some((_, times)) if *times > 1 => format!("{id}_{times}"),
            _ => id.to_owned(),
        }
    }
}

/// FNV-1a, 32 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. Stable across processes and versions.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outside_the_rules_comes_back() {
        let mut names = NameMap::default();
        let fits = |name: &str| is_plain(name, 64);
        assert_eq!(names.outgoing("get_weather".into(), fits, 64), "get_weather");
        let changed = names.outgoing("mcp.server/wetter für".into(), fits, 64).into_owned();
        assert!(fits(&changed), "{changed}");
        assert_eq!(names.incoming(&changed), "mcp.server/wetter für");
    }

    #[test]
    fn names_that_look_alike_stay_apart_and_short_enough() {
        let long = "x".repeat(200);
        assert_ne!(fitting("a.b", 64), fitting("a/b", 64));
        assert_eq!(fitting(&long, 64).len(), 64);
        assert!(fitting("7up", 64).starts_with("_7up_"));
    }
}
