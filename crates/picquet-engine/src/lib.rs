//! The engine: reduce, merge, judge and aggregate over a stream of objects.
//!
//! ```text
//! reduce : object        -> facts         any order, any number of workers
//! merge  : facts x facts -> facts         sorted runs, in memory or spilled
//! judge  : sorted facts  -> findings      one account after the other, hour by hour
//! ```
//!
//! The same objects give the same findings, byte for byte, in any order and on any number of threads: facts merge
//! commutatively, runs are sorted by key, and judging follows that order. The engine does no I/O; where facts
//! spill to is a [`RunStore`] of the caller's.

mod assemble;
mod judge;
mod parcels;
mod runs;
mod signals;
mod spilling;
mod texts;
mod world;

pub use judge::{Baseline, judge, judge_parcels, judge_within};
pub use parcels::{Parcel, Parcels, parcels};
pub use runs::{MergedFacts, RunError, RunStore, Runs, read_run, write_fact, write_run};
pub use spilling::{Reduced, Spilling};
