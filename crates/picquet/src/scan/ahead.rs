//! Reads and merges facts, and judges the first half of them, on one thread while another judges the second.

use std::sync::mpsc::sync_channel;

/// Parcels that are handed over at a time: by their number, and by their weight in memory.
const BATCH: (usize, usize) = (256, 1 << 20);
/// Batches that may wait.
const WAITING: usize = 2;

/// Calls `judge` with the parcels, which are made on a thread of their own if `apart`. Their order is the same.
pub fn read<P: Send, T>(
    apart: bool,
    mut parcels: impl Iterator<Item = P> + Send,
    weight: impl Fn(&P) -> usize + Send,
    judge: impl FnOnce(&mut dyn Iterator<Item = P>) -> T,
) -> T {
    if !apart {
        return judge(&mut parcels);
    }
    let (sender, receiver) = sync_channel::<Vec<P>>(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let mut sum = 0;
                let mut batch = Vec::new();
                while batch.len() < BATCH.0 && sum < BATCH.1 {
                    let Some(parcel) = parcels.next() else { break };
                    sum += weight(&parcel);
                    batch.push(parcel);
                }
                // If nobody takes them, the judge gave up.
                if batch.is_empty() || sender.send(batch).is_err() {
                    return;
                }
            }
        });
        // The receiver goes when the judge is done, so that the thread never waits for one that is not there.
        judge(&mut receiver.into_iter().flatten())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_come_in_their_order_and_all_of_them() {
        for (apart, weight) in [(false, 0), (true, 0), (true, BATCH.1)] {
            let all: Vec<u32> = read(apart, 0..5000, |_| weight, |all| all.collect());
            assert!(all.iter().copied().eq(0..5000));
        }
    }

    #[test]
    fn who_judges_may_stop_early() {
        assert_eq!(read(true, 0..5000, |_| 0, |all| all.take(3).count()), 3);
    }
}
