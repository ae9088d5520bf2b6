//! Lists in, matcher out.

use crate::category::Category;
use crate::compile::{AddressLists, NameLists};
use crate::domain;
use crate::feeds::BundledFeed;
use crate::hits::{MAX_PLACES, NO_THREAT, Record};
use crate::indicator::{self, Indicator, Scope};
use crate::intel::{Bundled, Intel, ListInfo};
use crate::names::{NamesBuilder, Reach};
use crate::parse::{self, RawEntry, Sink};
use crate::ranges::Entry;
use crate::report::{Cause, ListFormat, ListReport};
use hashbrown::HashMap;

/// Entries of one list: eight times what GuardDuty takes (250,000), to bound what a hostile list can cost.
pub const MAX_ENTRIES: usize = 2_000_000;

/// Characters of a threat name that are kept.
pub const MAX_THREAT_NAME: usize = 100;

/// Different threat names of one matcher; entries beyond keep none.
const MAX_THREATS: usize = 1 << 20;

/// Seed of the maps where the caller gives none. What it hashes is the operator's lists; what comes from logs is only
/// looked up.
const DEFAULT_SEED: u64 = 0x7069_6371_7565_7421;

/// Whose list it is, which decides what its entries mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Feed(Category),
    Custom,
    Trusted,
}

/// Collects lists and compiles them into an [`Intel`].
pub struct IntelBuilder {
    seed: u64,
    v4: Vec<Entry<u32>>,
    v6: Vec<Entry<u128>>,
    names: NamesBuilder,
    keys: Vec<([u8; 20], Record)>,
    trusted_v4: Vec<(u32, u32)>,
    trusted_v6: Vec<(u128, u128)>,
    trusted_names: NamesBuilder,
    threats: Vec<String>,
    threat_ids: HashMap<String, u32, foldhash::fast::FixedState>,
    lists: Vec<ListInfo>,
}

impl Default for IntelBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl IntelBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::with_seed(DEFAULT_SEED)
    }

    /// An empty builder whose hash tables have this seed. No result depends on it.
    pub fn with_seed(seed: u64) -> Self {
        Self {
            seed,
            v4: Vec::new(),
            v6: Vec::new(),
            names: NamesBuilder::default(),
            keys: Vec::new(),
            trusted_v4: Vec::new(),
            trusted_v6: Vec::new(),
            trusted_names: NamesBuilder::default(),
            threats: Vec::new(),
            threat_ids: HashMap::with_hasher(foldhash::fast::FixedState::with_seed(seed)),
            lists: Vec::new(),
        }
    }

    /// Adds a feed of one category. A name in it covers its subdomains where no feed lists a more specific one, unless
    /// it is a public suffix or written `=name`. With [`Category::Custom`] it is a customer's list.
    pub fn feed(&mut self, category: Category, name: &str, bytes: &[u8]) -> ListReport {
        self.feed_as(category, name, bytes, parse::detect(bytes))
    }

    /// [`feed`](Self::feed) of a known format.
    pub fn feed_as(&mut self, category: Category, name: &str, bytes: &[u8], format: ListFormat) -> ListReport {
        match category {
            Category::Custom => self.add(Kind::Custom, name, bytes, format, None),
            named => self.add(Kind::Feed(named), name, bytes, format, None),
        }
    }

    /// Adds a customer's threat list: names count as written, exact or under a `*.`.
    pub fn threat_list(&mut self, name: &str, bytes: &[u8]) -> ListReport {
        self.add(Kind::Custom, name, bytes, parse::detect(bytes), None)
    }

    /// [`threat_list`](Self::threat_list) of a known format.
    pub fn threat_list_as(&mut self, name: &str, bytes: &[u8], format: ListFormat) -> ListReport {
        self.add(Kind::Custom, name, bytes, format, None)
    }

    /// Adds a trusted list: what it covers is in no threat list. Names count as written, exact or under a `*.`.
    pub fn trusted_list(&mut self, name: &str, bytes: &[u8]) -> ListReport {
        self.add(Kind::Trusted, name, bytes, parse::detect(bytes), None)
    }

    /// [`trusted_list`](Self::trusted_list) of a known format.
    pub fn trusted_list_as(&mut self, name: &str, bytes: &[u8], format: ListFormat) -> ListReport {
        self.add(Kind::Trusted, name, bytes, format, None)
    }

    /// Adds the bundled feeds, but for the categories that the operator has better ones for. The names of GuardDuty's
    /// own test domains are always added.
    pub fn default_feeds(&mut self, except: &[Category]) {
        for feed in crate::feeds::bundled(except) {
            self.bundled_feed(feed);
        }
    }

    /// Adds one of the bundled feeds.
    pub fn bundled_feed(&mut self, feed: BundledFeed) {
        let bytes = feed.bytes();
        self.add(Kind::Feed(feed.category), &feed.name, &bytes, parse::detect(&bytes), Some(feed.from));
    }

    fn add(&mut self, kind: Kind, name: &str, bytes: &[u8], format: ListFormat, from: Option<Bundled>) -> ListReport {
        let mut report = ListReport::new(format);
        let category = match kind {
            Kind::Feed(category) => Some(category),
            Kind::Custom => Some(Category::Custom),
            Kind::Trusted => None,
        };
        // Room for every line to be an address or a name; what is not used is never touched.
        let lines = memchr::memchr_iter(b'\n', bytes).count().min(MAX_ENTRIES);
        self.v4.reserve(lines);
        self.names.reserve(lines, bytes.len());
        match u16::try_from(self.lists.len()) {
            Ok(list) => parse::parse(format, bytes, &mut Adder { builder: self, report: &mut report, kind, list }),
            Err(_) => report.reject(0, name, Cause::TooMany),
        }
        self.lists.push(ListInfo {
            name: name.to_owned(),
            category,
            entries: report.entries,
            rejected: report.rejected_total,
            bundled: from,
        });
        report
    }

    fn threat_id(&mut self, name: &str) -> u32 {
        let name = name.trim();
        if name.is_empty() || name == "-" {
            return NO_THREAT;
        }
        if let Some(id) = self.threat_ids.get(name) {
            return *id;
        }
        let clean: String = name.chars().filter(|c| !c.is_control()).take(MAX_THREAT_NAME).collect();
        if let Some(id) = self.threat_ids.get(clean.as_str()) {
            return *id;
        }
        if self.threats.len() >= MAX_THREATS {
            return NO_THREAT;
        }
        let id = self.threats.len() as u32;
        self.threats.push(clean.clone());
        self.threat_ids.insert(clean, id);
        id
    }

    /// Adds the lists of another builder behind the own ones: lists may be read on several threads, each into a builder
    /// of its own, and appended in their order. The result is as if one builder had read them all.
    pub fn append(&mut self, mut other: IntelBuilder) {
        let room = u16::try_from(self.lists.len() + other.lists.len()).is_ok()
            && self.places() + other.places() <= MAX_PLACES / 4;
        // Never more than u16::MAX lists: `add` takes no more, and what has no room is not taken over.
        let first = if room { self.lists.len() as u16 } else { 0 };
        if room {
            let threats: Vec<u32> = other.threats.iter().map(|name| self.threat_id(name)).collect();
            let moved = |mut record: Record| {
                record.list += first;
                record.threat = threats.get(record.threat as usize).copied().unwrap_or(NO_THREAT);
                record
            };
            extend(&mut self.v4, other.v4, |e| Entry { record: moved(e.record), ..e });
            extend(&mut self.v6, other.v6, |e| Entry { record: moved(e.record), ..e });
            extend(&mut self.keys, other.keys, |(id, record)| (id, moved(record)));
            self.names.append(other.names, moved);
            self.trusted_v4.append(&mut other.trusted_v4);
            self.trusted_v6.append(&mut other.trusted_v6);
            self.trusted_names.append(other.trusted_names, |record| record);
        } else {
            for list in &mut other.lists {
                list.rejected += std::mem::take(&mut list.entries);
            }
        }
        self.lists.append(&mut other.lists);
    }

    /// Entries so far.
    fn places(&self) -> usize {
        self.v4.len() + self.v6.len() + self.names.len() + self.trusted_names.len()
    }

    /// Compiles.
    pub fn build(self) -> Intel {
        let (addresses, names) = self.split();
        addresses.compile().with_names(names.compile())
    }

    /// The two parts to compile, on two threads where there are two.
    pub fn split(self) -> (AddressLists, NameLists) {
        let names = NameLists { seed: self.seed, names: self.names, trusted: self.trusted_names };
        let addresses = AddressLists {
            seed: self.seed,
            v4: self.v4,
            v6: self.v6,
            keys: self.keys,
            trusted_v4: self.trusted_v4,
            trusted_v6: self.trusted_v6,
            threats: self.threats,
            lists: self.lists,
        };
        (addresses, names)
    }
}

/// Appends changed values. Into nothing, the other's memory is taken over.
fn extend<T>(mine: &mut Vec<T>, other: Vec<T>, change: impl Fn(T) -> T) {
    if mine.is_empty() {
        *mine = other.into_iter().map(change).collect();
    } else {
        mine.extend(other.into_iter().map(change));
    }
}

/// Takes the entries of one list as they are parsed.
struct Adder<'a> {
    builder: &'a mut IntelBuilder,
    report: &'a mut ListReport,
    kind: Kind,
    list: u16,
}

impl Sink for Adder<'_> {
    fn entry(&mut self, line: usize, raw: RawEntry<'_>) {
        let added = match raw.block {
            Some((ip, prefix)) => indicator::block(ip, prefix),
            None => indicator::read(raw.indicator),
        }
        .and_then(|indicator| self.add(indicator, raw.port, raw.threat));
        if let Err(cause) = added {
            self.report.reject(line, raw.indicator, cause);
        }
    }

    fn hash(&mut self) {
        self.report.hashes += 1;
    }

    fn reject(&mut self, line: usize, text: &str, cause: Cause) {
        self.report.reject(line, text, cause);
    }
}

impl Adder<'_> {
    fn add(&mut self, indicator: Indicator<'_>, port: Option<&str>, threat: Option<&str>) -> Result<(), Cause> {
        let keys_only = self.kind == Kind::Feed(Category::CompromisedKey);
        if keys_only != matches!(indicator, Indicator::Key(_)) {
            return Err(Cause::WrongKind);
        }
        if self.report.entries >= MAX_ENTRIES || self.builder.places() >= MAX_PLACES / 4 {
            return Err(Cause::TooMany);
        }
        let port = read_port(port)?;
        let threat = threat.map_or(NO_THREAT, |threat| self.builder.threat_id(threat));
        match indicator {
            Indicator::V4(net, own_port) => {
                let start = net.network().to_bits();
                if self.kind == Kind::Trusted {
                    self.builder.trusted_v4.push((start, net.broadcast().to_bits()));
                } else {
                    let record = self.record(net.prefix_len(), own_port.unwrap_or(port), threat);
                    self.builder.v4.push(Entry { start, record });
                }
                self.count_block(net.prefix_len() == 32);
            }
            Indicator::V6(net, own_port) => {
                let start = net.network().to_bits();
                if self.kind == Kind::Trusted {
                    self.builder.trusted_v6.push((start, net.broadcast().to_bits()));
                } else {
                    let record = self.record(net.prefix_len(), own_port.unwrap_or(port), threat);
                    self.builder.v6.push(Entry { start, record });
                }
                self.count_block(net.prefix_len() == 128);
            }
            Indicator::Domain(name, scope) => {
                let reach = self.reach(name, scope);
                let added = if self.kind == Kind::Trusted {
                    self.builder.trusted_names.push_plain(name, reach)
                } else {
                    self.builder.names.push(name, reach, self.list, threat)
                };
                if !added {
                    return Err(Cause::TooMany);
                }
                self.report.domains += 1;
            }
            Indicator::Key(id) => {
                // `read` lets only ids of 20 bytes through.
                let id: [u8; 20] = id.as_bytes().try_into().map_err(|_| Cause::NotAnIndicator)?;
                let record = self.record(0, 0, threat);
                self.builder.keys.push((id, record));
                self.report.keys += 1;
            }
        }
        self.report.entries += 1;
        Ok(())
    }

    fn record(&self, depth: u8, port: u16, threat: u32) -> Record {
        Record { list: self.list, port, threat, depth, wildcard: false, custom: self.kind == Kind::Custom }
    }

    fn count_block(&mut self, single: bool) {
        if single {
            self.report.ips += 1;
        } else {
            self.report.cidrs += 1;
        }
    }

    fn reach(&self, name: &str, scope: Scope) -> Reach {
        match (self.kind, scope) {
            (_, Scope::Wildcard) => Reach::CustomBelow,
            (Kind::Custom | Kind::Trusted, _) => Reach::CustomExact,
            (Kind::Feed(_), Scope::Exact) => Reach::Exact,
            (Kind::Feed(_), Scope::Plain) if domain::is_public_suffix(&domain::normalise(name)) => Reach::Exact,
            (Kind::Feed(_), Scope::Plain) => Reach::Tree,
        }
    }
}

/// A port column: empty, `-` and `0` say nothing.
fn read_port(text: Option<&str>) -> Result<u16, Cause> {
    match text.map(str::trim) {
        None | Some("" | "-" | "0") => Ok(0),
        Some(text) => text.parse().map_err(|_| Cause::BadPort),
    }
}
