//! Features of one example: hashed names with values, and where in the mail each was seen.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// The part of a mail a feature was seen in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The cleaned subject.
    Subject,
    /// What the sender wrote now.
    Own,
    /// The nearest earlier mail.
    Quoted,
}

/// Where a feature was seen: a range of bytes in the folded text of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Part of the mail.
    pub zone: Zone,
    /// Bytes of that part's folded text.
    range: Range<u32>,
}

impl Place {
    /// A range of bytes of a zone's folded text.
    pub fn new(zone: Zone, range: Range<usize>) -> Self {
        Self { zone, range: range.start as u32..range.end as u32 }
    }

    /// Bytes of that part's folded text.
    pub fn range(&self) -> Range<usize> {
        self.range.start as usize..self.range.end as usize
    }
}

/// One feature of an example.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub key: u64,
    pub value: f32,
    pub place: Option<Place>,
}

/// The features of one example. Names are kept only where a model is trained.
#[derive(Clone, Debug, Default)]
pub struct Features {
    pub(crate) entries: Vec<Feature>,
    names: Option<BTreeMap<u64, String>>,
}

impl Features {
    /// Features whose names can be asked for afterwards.
    pub fn named() -> Self {
        Self { entries: Vec::new(), names: Some(BTreeMap::new()) }
    }

    /// Features without names, with room for so many.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), names: None }
    }

    /// Adds a feature by the parts of its name, which are joined by a blank. A feature is counted once; of several
    /// sightings the first place counts.
    pub fn add(&mut self, parts: &[&str], value: f32, place: Option<Place>) {
        if value == 0.0 {
            return;
        }
        let key = key(parts);
        if let Some(names) = &mut self.names {
            names.entry(key).or_insert_with(|| parts.join(" "));
        }
        self.entries.push(Feature { key, value, place });
    }

    /// Adds a yes-or-no feature if it holds.
    pub fn flag(&mut self, name: &str, holds: bool) {
        if holds {
            self.add(&[name], 1.0, None);
        }
    }

    /// Drops repetitions among the features from index `from` on, and scales them to a common length of `length`.
    pub fn block(&mut self, from: usize, length: f32) {
        let mut seen = HashSet::<u64, ByKey>::with_capacity_and_hasher(self.entries.len() - from, ByKey::default());
        let mut at = 0;
        self.entries.retain(|feature| {
            at += 1;
            at <= from || seen.insert(feature.key)
        });
        let norm = self.entries[from..].iter().map(|feature| feature.value * feature.value).sum::<f32>().sqrt();
        if norm > 0.0 {
            for feature in &mut self.entries[from..] {
                feature.value *= length / norm;
            }
        }
    }

    /// Drops repetitions.
    pub fn unique(&mut self) {
        let mut seen = HashSet::<u64, ByKey>::with_capacity_and_hasher(self.entries.len(), ByKey::default());
        self.entries.retain(|feature| seen.insert(feature.key));
    }

    /// Adds the features of another part.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
        if let (Some(names), Some(others)) = (&mut self.names, other.names) {
            names.extend(others);
        }
    }

    /// The features whose names pass; needs names.
    #[must_use]
    pub fn only(&self, passes: impl Fn(&str) -> bool) -> Self {
        let entries = self.entries.iter().filter(|f| self.name(f.key).is_some_and(&passes)).cloned().collect();
        Self { entries, names: self.names.clone() }
    }

    /// Number of features so far.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The name of a key, if names are kept.
    pub(crate) fn name(&self, key: u64) -> Option<&str> {
        self.names.as_ref()?.get(&key).map(String::as_str)
    }
}

/// Hashes short words faster than the hasher of the standard library; for maps whose keys nobody chooses.
#[derive(Default)]
pub(crate) struct Short(u64);

/// For maps by short words.
pub(crate) type ByWord = BuildHasherDefault<Short>;

impl Hasher for Short {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

/// A small number as it stands in names; all from 24 on are one.
pub(crate) fn numeral(number: usize) -> &'static str {
    const NUMERALS: [&str; 25] = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
        "20", "21", "22", "23", "24",
    ];
    NUMERALS[number.min(NUMERALS.len() - 1)]
}

/// FNV-1a over the joined name: stable from version to version, which model files rely on.
pub(crate) fn key(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |byte: u8| {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    };
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            take(b' ');
        }
        part.bytes().for_each(&mut take);
    }
    hash
}

/// For maps by key.
pub(crate) type ByKey = BuildHasherDefault<Prehashed>;

/// Passes keys on as they are: they are hashes already.
#[derive(Default)]
pub(crate) struct Prehashed(u64);

impl Hasher for Prehashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers")
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_key_however_it_is_put_together() {
        assert_eq!(key(&["own", "not", "arrived"]), key(&["own not arrived"]));
        assert_ne!(key(&["own late"]), key(&["subject late"]));
    }

    #[test]
    fn a_block_is_scaled_to_its_length() {
        let mut features = Features::default();
        features.add(&["a"], 3.0, None);
        features.add(&["b"], 4.0, None);
        features.add(&["b"], 4.0, None);
        features.block(0, 1.0);
        let values: Vec<f32> = features.entries.iter().map(|feature| feature.value).collect();
        assert_eq!(values, [0.6, 0.8]);
    }
}
