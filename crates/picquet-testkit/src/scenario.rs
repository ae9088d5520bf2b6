//! A scenario: records, lists and settings, taken through the path of the product.

use crate::Random;
use crate::plan::{Order, Plan};
use crate::{Event, Flow, MemoryStore, Query, REGION, flow};
use picquet_detect::cold::Memory;
use picquet_detect::{Env, Fact, FactKey, FactMap, Reducer, Tuning, learn};
use picquet_engine::{Baseline, RunStore, Runs, judge_within, write_run};
use picquet_intel::{AwsRanges, Category, Geo, Intel, IntelBuilder};
use picquet_logs::{Input, Limits, ObjectName, Window, read_object};
use picquet_model::{EventTime, Finding};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an object may hold: records of one kind, account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    source: &'static str,
    header: &'static str,
    account: String,
    region: String,
}

#[derive(Clone, Debug)]
enum List {
    Feed(Category),
    Threat,
    Trusted,
}

/// Records, lists and settings.
#[derive(Clone, Default)]
pub struct Scenario {
    records: Vec<(Kind, String)>,
    lists: Vec<(List, String, String)>,
    inventory: Vec<String>,
    tuning: String,
    window: Option<(EventTime, EventTime)>,
    bundled_geo: bool,
    known: Vec<(FactKey, Fact)>,
}

impl Scenario {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    fn record(mut self, source: &'static str, header: &'static str, place: (&str, &str), text: String) -> Self {
        let kind = Kind { source, header, account: place.0.into(), region: place.1.into() };
        self.records.push((kind, text));
        self
    }

    /// Adds a CloudTrail event.
    pub fn event(self, event: Event) -> Self {
        let text = event.json(self.records.len());
        self.record("CloudTrail", "", event.place(), text)
    }

    /// Adds CloudTrail events.
    pub fn events(self, events: impl IntoIterator<Item = Event>) -> Self {
        events.into_iter().fold(self, Self::event)
    }

    /// Adds a CloudTrail record as it stands in a log.
    pub fn raw_event(self, account: &str, region: &str, json: &serde_json::Value) -> Self {
        self.record("CloudTrail", "", (account, region), json.to_string())
    }

    /// Adds a flow record.
    pub fn flow(self, flow: Flow) -> Self {
        self.record("vpcflowlogs", flow.header(), flow.place(), flow.line())
    }

    /// Adds a flow record of a custom format, whose header is given.
    pub fn raw_flow(self, header: &'static str, line: &str) -> Self {
        self.record("vpcflowlogs", header, (crate::ACCOUNT, REGION), line.into())
    }

    /// Adds flow records.
    pub fn flows(self, flows: impl IntoIterator<Item = Flow>) -> Self {
        flows.into_iter().fold(self, Self::flow)
    }

    /// Adds a DNS query.
    pub fn query(self, query: Query) -> Self {
        self.record("vpcdnsquerylogs", "", query.place(), query.json())
    }

    /// Adds DNS queries.
    pub fn queries(self, queries: impl IntoIterator<Item = Query>) -> Self {
        queries.into_iter().fold(self, Self::query)
    }

    /// Adds a customer's threat list, named `blocklist`.
    pub fn threat_list(mut self, text: &str) -> Self {
        self.lists.push((List::Threat, "blocklist".into(), text.into()));
        self
    }

    /// Adds a feed of a category, named after it.
    pub fn feed(mut self, category: Category, text: &str) -> Self {
        self.lists.push((List::Feed(category), format!("{category} feed"), text.into()));
        self
    }

    /// Adds a feed with a name of its own.
    pub fn named_feed(mut self, category: Category, name: &str, text: &str) -> Self {
        self.lists.push((List::Feed(category), name.into(), text.into()));
        self
    }

    /// Adds a trusted list.
    pub fn trusted(mut self, text: &str) -> Self {
        self.lists.push((List::Trusted, "trusted".into(), text.into()));
        self
    }

    /// Adds the JSON of `aws ec2 describe-instances` or `describe-network-interfaces`.
    pub fn inventory(mut self, json: &str) -> Self {
        self.inventory.push(json.into());
        self
    }

    /// Adds to the configuration file.
    pub fn tuning(mut self, toml: &str) -> Self {
        self.tuning += toml;
        self.tuning += "\n";
        self
    }

    /// With retired finding types switched on.
    pub fn retired(self) -> Self {
        self.tuning("[detection]\nretired_types = true")
    }

    /// With the bundled table of countries; without it no address has one.
    pub fn countries(mut self) -> Self {
        self.bundled_geo = true;
        self
    }

    /// With `--since` and `--until`.
    pub fn window(mut self, since: &str, until: &str) -> Self {
        self.window = Some((crate::time(since), crate::time(until)));
        self
    }

    /// With what an earlier scan learned: see [`Self::baseline`].
    pub fn known(mut self, facts: Vec<(FactKey, Fact)>) -> Self {
        self.known = facts;
        self
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether all records are CloudTrail events, which count once however often they are delivered.
    pub fn only_events(&self) -> bool {
        self.records.iter().all(|(kind, _)| kind.source == "CloudTrail")
    }

    fn intel(&self, seed: u64) -> Intel {
        let mut builder = IntelBuilder::with_seed(seed);
        for (list, name, text) in &self.lists {
            let report = match list {
                List::Feed(category) => builder.feed(*category, name, text.as_bytes()),
                List::Threat => builder.threat_list(name, text.as_bytes()),
                List::Trusted => builder.trusted_list(name, text.as_bytes()),
            };
            assert_eq!(report.rejected_total, 0, "the list '{name}' has entries that do not count: {report:?}");
        }
        builder.build()
    }

    /// What detectors look things up in.
    pub fn env(&self, seed: u64) -> Env {
        let tuning = Tuning::from_toml(&self.tuning).unwrap_or_else(|e| panic!("the tuning: {e}"));
        Env {
            intel: Arc::new(self.intel(seed)),
            geo: Arc::new(if self.bundled_geo { Geo::bundled() } else { Geo::empty() }),
            aws: Arc::new(AwsRanges::bundled()),
            tuning: Arc::new(tuning),
            seed,
            default_region: REGION.into(),
            default_account: crate::ACCOUNT.into(),
            window: self.window,
        }
    }

    /// The findings, with everything in one object of each kind.
    pub fn findings(&self) -> Vec<Finding> {
        self.findings_by(&Plan::default())
    }

    /// What a later scan can begin with.
    pub fn baseline(&self) -> Vec<(FactKey, Fact)> {
        let mut learned = Vec::new();
        self.judged(&Plan::default(), &mut learned);
        // As it is written to a file, and read from it.
        learned.sort_by(|a, b| a.0.cmp(&b.0));
        learned
    }

    /// The findings, with records spread by a plan.
    pub fn findings_by(&self, plan: &Plan) -> Vec<Finding> {
        self.judged(plan, &mut ())
    }

    fn judged(&self, plan: &Plan, baseline: &mut dyn Baseline) -> Vec<Finding> {
        let env = self.env(plan.seed);
        let store = MemoryStore::default();
        let mut runs = Runs::default();
        let mut given = FactMap::new(plan.seed);
        for json in &self.inventory {
            learn::from_describe(json.as_bytes(), |_| Some(REGION.into()), &mut given).expect("an inventory");
        }
        runs.push(given.take_sorted());
        runs.push(self.known.clone());
        let mut workers: Vec<Reducer> = (0..plan.workers.max(1)).map(|_| Reducer::new(env.clone())).collect();
        let count = workers.len();
        for (n, (kind, bytes)) in self.objects(plan).into_iter().enumerate() {
            let worker = &mut workers[n % count];
            reduce(worker, &kind, &bytes);
            if plan.spill {
                let (run, mut writer) = store.create().expect("memory");
                write_run(&worker.take_sorted(), &mut *writer).expect("facts are written");
                runs.push_spilled(run);
            }
        }
        for mut worker in workers {
            runs.push(worker.take_sorted());
        }
        // Who spills facts has no memory for what is known of entities either: it is packed as soon as it was used.
        let memory = if plan.spill { Memory { bytes: 0, store: None } } else { Memory::default() };
        let facts = runs.merge(&store).expect("runs are merged");
        judge_within(facts, &env, baseline, &memory).expect("facts are judged")
    }

    /// The objects that a plan makes of the records.
    fn objects(&self, plan: &Plan) -> Vec<(Kind, String)> {
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        match plan.order {
            Order::Given => {}
            Order::Reversed => order.reverse(),
            Order::Shuffled(seed) => Random(seed).shuffle(&mut order),
        }
        let mut open: BTreeMap<&Kind, Vec<&str>> = BTreeMap::new();
        let mut objects = Vec::new();
        for n in order {
            let (kind, text) = &self.records[n];
            let lines = open.entry(kind).or_default();
            lines.push(text);
            if lines.len() >= plan.per_object {
                objects.push((kind.clone(), kind.bytes(&std::mem::take(lines))));
            }
        }
        objects.extend(open.into_iter().filter(|(_, l)| !l.is_empty()).map(|(k, l)| (k.clone(), k.bytes(&l))));
        for _ in 1..plan.trails {
            let more: Vec<_> = objects.iter().filter(|(k, _)| k.source == "CloudTrail").cloned().collect();
            objects.extend(more);
        }
        objects
    }
}

impl Kind {
    fn bytes(&self, records: &[&str]) -> String {
        match self.source {
            "CloudTrail" => format!("{{\"Records\":[{}]}}", records.join(",")),
            "vpcflowlogs" => format!("{}\n{}\n", self.header, records.join("\n")),
            _ => records.join("\n") + "\n",
        }
    }

    fn key(&self) -> String {
        let Self { source, account, region, .. } = self;
        let end = if *source == "CloudTrail" { "json.gz" } else { "log.gz" };
        format!(
            "AWSLogs/{account}/{source}/{region}/2024/05/01/{account}_{source}_{region}_20240501T0000Z_a1b2c3.{end}"
        )
    }
}

fn reduce(worker: &mut Reducer, kind: &Kind, bytes: &str) {
    let name = ObjectName::parse(&kind.key());
    let limits = Limits::default();
    worker.begin(name.clone());
    let report = read_object(Input::Window(&mut Window::whole(bytes.as_bytes(), &limits)), &name, &limits, worker);
    worker.end();
    assert!(report.not_read.is_none() && report.defects.is_empty(), "{report:?}\n{bytes}");
    let expected = match kind.header {
        flow::V2_HEADER | flow::V5_HEADER => bytes.lines().count() as u64 - 1,
        _ => report.total_records(),
    };
    assert_eq!(report.total_records(), expected, "every record is read");
}
