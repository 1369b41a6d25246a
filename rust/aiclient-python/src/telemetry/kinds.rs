//! Values by the words that tell them apart, and a bound on how many words there are.

use std::collections::{HashMap, HashSet};

/// Comes after each word of a key, and is part of no text.
const END_OF_WORD: u8 = 0xFF;
/// What stands for all names beyond the bound.
const OTHER: &str = "other";

/// The values of labels.
pub(super) type Labels = Vec<String>;

/// Values by the words that tell them apart, in the order in which they were first asked for.
pub(super) struct Kinds<T> {
    empty: T,
    values: Vec<(Labels, T)>,
    places: HashMap<Box<[u8]>, usize>,
    /// The words that are looked up. It is kept, so that to find a value allocates nothing.
    key: Vec<u8>,
}

impl<T: Clone> Kinds<T> {
    /// `empty`: the value of a kind that is new.
    pub(super) fn new(empty: T) -> Self {
        Self { empty, values: Vec::new(), places: HashMap::new(), key: Vec::new() }
    }

    /// The value of the kind that these words name.
    pub(super) fn of(&mut self, words: &[&str]) -> &mut T {
        self.key.clear();
        for word in words {
            self.key.extend_from_slice(word.as_bytes());
            self.key.push(END_OF_WORD);
        }
        let place = self.places.get(self.key.as_slice()).copied();
        let place = place.unwrap_or_else(|| self.add(words));
        &mut self.values[place].1
    }

    /// All values with their words.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Labels, &T)> {
        self.values.iter().map(|(words, value)| (words.clone(), value))
    }

    fn add(&mut self, words: &[&str]) -> usize {
        let place = self.values.len();
        self.values.push((words.iter().map(ToString::to_string).collect(), self.empty.clone()));
        self.places.insert(self.key.as_slice().into(), place);
        place
    }
}

/// Names that are told apart: clients and upstreams may invent any number of them.
pub(super) struct Names {
    most: usize,
    known: HashSet<Box<str>>,
}

impl Names {
    /// `most`: how many names there may be.
    pub(super) fn new(most: usize) -> Self {
        Self { most, known: HashSet::new() }
    }

    /// The name itself, or what stands for those beyond the bound.
    pub(super) fn known<'a>(&mut self, name: &'a str) -> &'a str {
        if !self.known.contains(name) {
            if self.known.len() >= self.most {
                return OTHER;
            }
            self.known.insert(name.into());
        }
        name
    }
}
