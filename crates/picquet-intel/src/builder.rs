//! Lists in, matcher out.

use crate::addresses::{V4, V6};
use crate::category::Category;
use crate::domain;
use crate::hits::{EMPTY, Interner, MAX_PLACES, NO_THREAT, Record};
use crate::indicator::{self, Indicator, Scope};
use crate::intel::{Bundled, Intel, ListInfo};
use crate::keys::Keys;
use crate::names::{NamesBuilder, Reach};
use crate::parse::{self, RawEntry, Sink};
use crate::ranges::{Address, Entry, Range, flatten, union};
use crate::report::{Cause, ListFormat, ListReport};
use crate::routable;
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
        crate::feeds::add_to(self, except);
    }

    pub(crate) fn bundled_feed(&mut self, category: Category, name: &str, bytes: &[u8], from: Bundled) -> ListReport {
        self.add(Kind::Feed(category), name, bytes, parse::detect(bytes), Some(from))
    }

    fn add(&mut self, kind: Kind, name: &str, bytes: &[u8], format: ListFormat, from: Option<Bundled>) -> ListReport {
        let mut report = ListReport::new(format);
        let category = match kind {
            Kind::Feed(category) => Some(category),
            Kind::Custom => Some(Category::Custom),
            Kind::Trusted => None,
        };
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

    /// Compiles.
    pub fn build(self) -> Intel {
        let mut interner = Interner::new(self.seed);
        let trusted_v4 = union(self.trusted_v4);
        let trusted_v6 = union(self.trusted_v6);
        let v4 = V4::new(&flatten(self.v4, &with(&trusted_v4, &routable::V4), &mut interner));
        let v6 = V6::new(&flatten(self.v6, &with(&trusted_v6, &routable::V6), &mut interner));
        let names = self.names.build(self.seed, &mut interner);
        let trusted_names = self.trusted_names.build(self.seed, &mut interner);
        let keys = Keys::new(self.keys, &mut interner);
        Intel {
            v4,
            v6,
            names,
            keys,
            trusted_v4: V4::new(&as_ranges(&trusted_v4)),
            trusted_v6: V6::new(&as_ranges(&trusted_v6)),
            trusted_names,
            sets: interner.finish(),
            threats: self.threats,
            lists: self.lists,
        }
    }
}

fn with<A: Address>(pieces: &[(A, A)], more: &[(A, A)]) -> Vec<(A, A)> {
    union(pieces.iter().chain(more).copied().collect())
}

fn as_ranges<A: Copy>(pieces: &[(A, A)]) -> Vec<Range<A>> {
    pieces.iter().map(|&(first, last)| Range { first, last, set: EMPTY }).collect()
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
        let names = self.builder.names.len() + self.builder.trusted_names.len();
        let total = self.builder.v4.len() + self.builder.v6.len() + names;
        if self.report.entries >= MAX_ENTRIES || total >= MAX_PLACES / 4 {
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
