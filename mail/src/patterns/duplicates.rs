//! Structures that stand in nearly the same mails are one pattern: the one that says most.

/// Mails that a sketch remembers.
const SKETCH: usize = 128;
/// Share of mails in common from which two structures are one.
const NEAR: f64 = 0.8;

/// The smallest hashes of the mails a structure is in: a sample of them that is the same for every order of the mails
/// (bottom-k sketch; A. Broder, On the resemblance and containment of documents, 1997).
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch(Vec<u64>);

impl Sketch {
    pub(super) fn add(&mut self, hash: u64) {
        let full = self.0.len() == SKETCH;
        if full && self.0.last().is_some_and(|last| *last <= hash) {
            return;
        }
        if let Err(at) = self.0.binary_search(&hash) {
            self.0.insert(at, hash);
            self.0.truncate(SKETCH);
        }
    }

    /// The estimated share of mails in common, of those in either.
    pub(super) fn resemblance(&self, other: &Self) -> f64 {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut seen, mut shared) = (0_u32, 0_u32);
        while seen < SKETCH as u32 {
            match (a.peek(), b.peek()) {
                (Some(x), Some(y)) if x == y => {
                    shared += 1;
                    a.next();
                    b.next();
                }
                (Some(x), Some(y)) if x < y => drop(a.next()),
                (_, Some(_)) => drop(b.next()),
                (Some(_), None) => drop(a.next()),
                (None, None) => break,
            }
            seen += 1;
        }
        if seen == 0 { 0.0 } else { f64::from(shared) / f64::from(seen) }
    }
}

/// Whether two structures with so many mails each stand in nearly the same ones.
pub(super) fn near(a: (u64, &Sketch), b: (u64, &Sketch)) -> bool {
    let (less, more) = (a.0.min(b.0), a.0.max(b.0));
    less as f64 >= NEAR * more as f64 && a.1.resemblance(b.1) >= NEAR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(mails: impl Iterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::default();
        for mail in mails {
            sketch.add(super::super::template::hash(&mail.to_string()));
        }
        sketch
    }

    #[test]
    fn resemblance_is_that_of_the_mails() {
        let (a, b) = (sketch(0..1_000), sketch(500..1_500));
        assert!((a.resemblance(&b) - 1.0 / 3.0).abs() < 0.12);
        assert!((a.resemblance(&sketch((0..1_000).rev())) - 1.0).abs() < 1e-9);
        assert!(!near((1_000, &a), (1_000, &b)) && near((1_000, &a), (1_000, &sketch(0..1_000))));
    }
}
