//! A reducer whose facts go to a store of runs when they outgrow its share of memory.

use crate::runs::{RunError, RunStore, Runs, write_run};
use picquet_detect::{Env, Fact, FactKey, Reducer};
use picquet_logs::{CloudTrailRecord, DnsRecord, FlowRecord, ObjectName, Sink};

/// Records after which it is looked whether facts still fit: one object may be larger than memory.
const LOOKS: u32 = 1 << 16;

/// Reduces objects, one after the other.
pub struct Spilling<'a> {
    reducer: Reducer,
    store: &'a dyn RunStore,
    share: usize,
    name: ObjectName,
    since_look: u32,
    spilled: Vec<usize>,
    failure: Option<RunError>,
}

/// What an object, or all of them, came to.
pub struct Reduced {
    spilled: Vec<usize>,
    rest: Vec<(FactKey, Fact)>,
    /// Records that name no account.
    pub unattributed: u64,
    /// Records counted in the default region.
    pub defaulted: u64,
}

impl<'a> Spilling<'a> {
    /// With so many bytes of memory for facts.
    pub fn new(env: Env, store: &'a dyn RunStore, share: usize) -> Self {
        Self {
            reducer: Reducer::new(env),
            store,
            share,
            name: ObjectName::default(),
            since_look: 0,
            spilled: Vec::new(),
            failure: None,
        }
    }

    /// What the next object is held against.
    pub fn set_env(&mut self, env: Env) {
        self.reducer.set_env(env);
    }

    /// Begins an object.
    pub fn begin(&mut self, name: &ObjectName) {
        self.name = name.clone();
        self.reducer.begin(name.clone());
    }

    /// Ends an object; false when facts cannot be spilled, so that there is no use in going on.
    pub fn end(&mut self) -> bool {
        self.reducer.end();
        self.spill_if_full();
        self.failure.is_none()
    }

    /// Signals that records raised by themselves, so far.
    pub fn signalled(&mut self) -> u64 {
        self.reducer.signalled()
    }

    /// What all objects came to.
    ///
    /// # Errors
    /// When facts could not be spilled.
    pub fn finish(mut self) -> Result<Reduced, RunError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(Reduced {
                spilled: self.spilled,
                rest: self.reducer.take_sorted(),
                unattributed: self.reducer.unattributed(),
                defaulted: self.reducer.defaulted(),
            }),
        }
    }

    #[inline]
    fn counted(&mut self) {
        self.since_look += 1;
        if self.since_look >= LOOKS {
            self.since_look = 0;
            self.reducer.end();
            self.spill_if_full();
            self.reducer.begin(self.name.clone());
        }
    }

    fn spill_if_full(&mut self) {
        if self.reducer.weight() <= self.share || self.failure.is_some() {
            return;
        }
        let run = self.reducer.take_sorted();
        let written = self.store.create().map_err(RunError::from).and_then(|(n, mut writer)| {
            write_run(&run, &mut *writer)?;
            Ok(n)
        });
        match written {
            Ok(n) => self.spilled.push(n),
            Err(e) => self.failure = Some(e),
        }
    }
}

impl Reduced {
    /// Adds its runs to others.
    pub fn add_to(self, runs: &mut Runs) {
        self.spilled.into_iter().for_each(|run| runs.push_spilled(run));
        runs.push(self.rest);
    }
}

impl Sink for Spilling<'_> {
    #[inline]
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        self.reducer.cloudtrail(record);
        self.counted();
    }

    #[inline]
    fn flow(&mut self, record: &FlowRecord<'_>) {
        self.reducer.flow(record);
        self.counted();
    }

    #[inline]
    fn dns(&mut self, record: &DnsRecord<'_>) {
        self.reducer.dns(record);
        self.counted();
    }
}
