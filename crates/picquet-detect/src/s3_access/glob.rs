//! Matching of wildcards, with a bound on the work for one document.

use std::cell::Cell;

/// Matches patterns until the work is spent.
pub(super) struct Glob {
    left: Cell<u32>,
}

impl Default for Glob {
    fn default() -> Self {
        Self { left: Cell::new(Self::WORK) }
    }
}

impl Glob {
    /// In bytes looked at. A policy of 20 KB, which is the most that S3 takes, needs a fraction of it.
    const WORK: u32 = 2_000_000;

    /// Whether the work was spent, so that no answer counts.
    pub(super) fn spent(&self) -> bool {
        self.left.get() == 0
    }

    fn step(&self) -> bool {
        self.left.set(self.left.get().saturating_sub(1));
        !self.spent()
    }

    /// Whether the pattern matches the text. The text may be a pattern itself: then the answer is yes only where
    /// the first one takes in everything that the second one does.
    pub(super) fn matches(&self, pattern: &[u8], text: &[u8]) -> bool {
        let (mut p, mut t) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while self.step() {
            match (pattern.get(p), text.get(t)) {
                (None, None) => return true,
                (Some(b'*'), _) => {
                    retry = Some((p, t));
                    p += 1;
                }
                (Some(&a), Some(&b)) if a == b || a == b'?' && b != b'*' => {
                    p += 1;
                    t += 1;
                }
                _ => match retry {
                    Some((star, at)) if at < text.len() => {
                        retry = Some((star, at + 1));
                        (p, t) = (star + 1, at + 1);
                    }
                    _ => return false,
                },
            }
        }
        false
    }

    /// Whether the pattern matches any text that begins with this and goes on.
    pub(super) fn reaches_into(&self, pattern: &[u8], prefix: &[u8]) -> bool {
        for (i, &b) in prefix.iter().enumerate() {
            if !self.step() {
                return false;
            }
            match pattern.get(i) {
                Some(b'*') => return true,
                Some(&a) if a == b || a == b'?' => {}
                _ => return false,
            }
        }
        pattern.len() > prefix.len()
    }
}
