//! Reads and merges facts on one thread while another judges them.

use picquet_detect::{Fact, FactKey};
use picquet_engine::RunError;
use std::sync::mpsc::sync_channel;

type Item = Result<(FactKey, Fact), RunError>;

/// Facts that are handed over at a time: by their number, and by their weight in memory.
const BATCH: (usize, usize) = (256, 1 << 20);
/// Batches that may wait.
const WAITING: usize = 2;

/// Calls `judge` with the facts, which are read on a thread of their own if `apart`. Their order is the same.
pub fn read<T>(
    apart: bool,
    facts: impl Iterator<Item = Item> + Send,
    judge: impl FnOnce(&mut dyn Iterator<Item = Item>) -> T,
) -> T {
    let mut facts = facts;
    if !apart {
        return judge(&mut facts);
    }
    let (sender, receiver) = sync_channel::<Vec<Item>>(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut facts = facts.peekable();
            while facts.peek().is_some() {
                let mut weight = 0;
                let mut batch = Vec::new();
                while batch.len() < BATCH.0 && weight < BATCH.1 {
                    let Some(fact) = facts.next() else { break };
                    weight += fact.as_ref().map_or(0, |(_, fact)| fact.weight());
                    batch.push(fact);
                }
                if sender.send(batch).is_err() {
                    // The judge gave up.
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
    use picquet_detect::facts::TrailFacts;
    use picquet_detect::{Class, FactKey};

    fn facts() -> impl Iterator<Item = Item> + Send {
        (0..5000).map(|hour| {
            let key = FactKey { account: "1".into(), hour, class: Class::Trails, region: "".into(), entity: "".into() };
            Ok((key, Fact::Trails(TrailFacts::default())))
        })
    }

    #[test]
    fn facts_come_in_their_order_and_all_of_them() {
        for apart in [false, true] {
            let hours: Vec<u32> = read(apart, facts(), |all| all.map(|f| f.unwrap().0.hour).collect());
            assert!(hours.iter().copied().eq(0..5000));
        }
    }

    #[test]
    fn who_judges_may_stop_early() {
        assert_eq!(read(true, facts(), |all| all.take(3).count()), 3);
    }
}
