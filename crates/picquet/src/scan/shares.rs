//! Which worker reads which objects.
//!
//! Neighbours in the listing are of one account, region and day, and so is what is learned from them. A worker that
//! reads neighbours therefore has facts that the others do not have, and there is less to merge afterwards. So each
//! begins with a stretch of the list of its own; one that is done takes the second half of the longest stretch left.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The objects that are left to be read, a stretch of each worker.
pub struct Shares(Mutex<Vec<Range<usize>>>);

impl Shares {
    /// Objects from 0, for so many workers.
    pub fn new(objects: usize, workers: usize) -> Self {
        let bound = |worker: usize| objects * worker / workers.max(1);
        Self(Mutex::new((0..workers).map(|worker| bound(worker)..bound(worker + 1)).collect()))
    }

    /// The next object of a worker; each object is given once.
    pub fn next(&self, worker: usize) -> Option<usize> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(object) = left.get_mut(worker)?.next() {
            return Some(object);
        }
        let longest = left.iter_mut().max_by_key(|stretch| stretch.len())?;
        let middle = longest.start + longest.len() / 2;
        let mut taken = middle..longest.end;
        longest.end = middle;
        let object = taken.next();
        *left.get_mut(worker)? = taken;
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_reads_neighbours() {
        let shares = Shares::new(10, 2);
        assert_eq!([0, 1, 0, 1].map(|w| shares.next(w)), [Some(0), Some(5), Some(1), Some(6)]);
    }

    #[test]
    fn who_is_done_helps_with_what_is_left() {
        let shares = Shares::new(8, 2);
        assert_eq!([0, 0, 0, 0, 0, 0].map(|w| shares.next(w)), [0, 1, 2, 3, 6, 7].map(Some));
        assert_eq!([1, 0, 0].map(|w| shares.next(w)), [Some(4), Some(5), None]);
    }

    #[test]
    fn every_object_is_read_once() {
        for (objects, workers) in [(0, 1), (1, 3), (40, 3), (97, 4)] {
            for step in 1..50 {
                let shares = Shares::new(objects, workers);
                // Some workers ask more often than others.
                let turns = (0..60).map(|turn| turn * step % 7 % workers);
                let mut read: Vec<usize> = turns.filter_map(|worker| shares.next(worker)).collect();
                read.extend(std::iter::from_fn(|| shares.next(0)));
                read.sort_unstable();
                assert!(read.iter().copied().eq(0..objects));
            }
        }
    }
}
