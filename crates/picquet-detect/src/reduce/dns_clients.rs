//! What the clients of one object asked for, summed up before it becomes facts.

use super::dns_names::{Known as Named, NameTable};
use super::fact_map::FactMap;
use crate::detectors::threat_list::dns::source_key;
use crate::dns::{Kind, Look};
use crate::facts::dns::{
    CLIENT_SHARD, Client, Known, Missing, Shown, TunnelFacts, client_hash, merge_client, shard, short,
};
use crate::facts::key::{KeyRef, SEPARATOR};
use crate::facts::rare::Answered;
use crate::facts::{Class, ClientFacts, DomainFacts, Fact, InstanceFacts, Latest, RareFacts, bounded};
use crate::net::is_public;
use crate::{Env, Map, Str, hash, map};
use hashbrown::HashTable;
use picquet_logs::DnsRecord;
use picquet_model::EventTime;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr};

/// How many clients, and pairs of a client and a registered domain, are held at a time.
const CLIENTS: usize = 1 << 14;
const PAIRS: usize = 1 << 16;
/// How many accounts and regions are held at a time: they are looked through one after the other.
const PLACES: usize = 256;
/// How many pairs are remembered to have been told.
const TOLD: usize = 1 << 17;

/// What the records of one object add up to.
pub(super) struct DnsState {
    hasher: foldhash::fast::FixedState,
    names: NameTable,
    places: Places,
    rows: Vec<Row>,
    table: HashTable<u32>,
    /// Whether a registered domain existed, by client and the domain's hash.
    pairs: Map<(u32, u64), bool>,
    tunnels: Map<(u32, u64), Tunnel>,
    rare: Map<(u32, u64), Rare>,
    /// Of the answers at hand.
    addresses: Vec<Ipv4Addr>,
    /// Since which hours facts say that a client asked for a domain, and that the domain exists: saying it again, of
    /// a later hour, would change nothing.
    told: Map<(u64, u64), (u32, u32)>,
    lower: String,
}

/// One client in one hour.
struct Row {
    place: u32,
    hour: u32,
    instance: Option<Str>,
    vpc: Str,
    source: Option<IpAddr>,
    facts: Box<ClientFacts>,
    key: Str,
}

struct Tunnel {
    domain: Str,
    facts: Box<TunnelFacts>,
}

struct Rare {
    domain: Str,
    facts: Box<RareFacts>,
}

impl DnsState {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            hasher: foldhash::fast::FixedState::with_seed(seed),
            names: NameTable::new(seed),
            places: Places::default(),
            rows: Vec::new(),
            table: HashTable::new(),
            pairs: map(seed),
            tunnels: map(seed),
            rare: map(seed),
            addresses: Vec::new(),
            told: map(seed),
            lower: String::new(),
        }
    }

    /// Other lists or settings hold from now on.
    pub(super) fn forget_names(&mut self) {
        self.names.clear();
    }

    /// Adds a query; true if its name is listed.
    pub(super) fn add(
        &mut self,
        (account, region): (&str, &str),
        record: &DnsRecord<'_>,
        env: &Env,
        out: &mut FactMap,
    ) -> bool {
        let params = &env.tuning.dns_exfiltration;
        let (long, data) = (params.min_name_octets, params.min_data_octets);
        if self.rows.len() >= CLIENTS || self.pairs.len() >= PAIRS || self.places.0.len() >= PLACES {
            self.flush(out);
        }
        let client = self.client(account, region, record);
        let Named { look, listed, odd } = self.names.look(&record.name, long, |name| env.intel.domain(name).is_some());
        let exists = record.rcode == "NOERROR";
        if exists && look.kind != Kind::Plain && (spread(record, env, &mut self.addresses) || odd) {
            self.rare(client, record, look);
        }
        let Some(row) = self.rows.get_mut(client as usize) else { return listed };
        let missing = record.rcode == "NXDOMAIN";
        let f = &mut row.facts;
        f.queries += 1;
        f.nxdomain += u64::from(missing);
        f.kinds.add(&record.query_type, 1);
        f.first = f.first.min(record.time);
        f.last = f.last.max(record.time);
        latest(&mut f.client, record);
        if look.kind == Kind::Plain {
            return listed;
        }
        self.pairs.entry((client, look.domain)).and_modify(|known| *known |= exists).or_insert(exists);
        match look.kind {
            Kind::Bare if missing => {
                f.missing_all.insert(look.domain);
                f.missing.add(look.domain, || Missing {
                    domain: registrable(record, look, &mut self.lower),
                    first: record.time,
                    last: record.time,
                    queries: 1,
                });
            }
            Kind::Long => self.long(client, record, look),
            _ if look.weighed.bytes >= data.max(1) && carries(&record.query_type) => self.long(client, record, look),
            _ => {}
        }
        listed
    }

    fn long(&mut self, client: u32, record: &DnsRecord<'_>, look: Look) {
        let tunnel = self.tunnels.entry((client, look.domain)).or_insert_with(|| Tunnel {
            domain: registrable(record, look, &mut self.lower),
            facts: Box::new(TunnelFacts::new(record.time)),
        });
        let f = &mut tunnel.facts;
        f.queries += 1;
        f.bytes += u64::from(look.weighed.bytes);
        f.kinds.add(&record.query_type, 1);
        f.minutes |= 1 << (record.time.as_secs().rem_euclid(3600) / 60);
        f.first = f.first.min(record.time);
        f.last = f.last.max(record.time);
        f.distinct.insert(look.subdomain);
        f.sample.add(look.subdomain, || look.weighed);
        let lower = &mut self.lower;
        f.shown.add(look.subdomain, || {
            super::dns_names::fold(&record.name, lower);
            Shown(bounded(lower))
        });
        for answer in record.answers() {
            f.answers.add(&answer.kind, u32::try_from(answer.data.len()).unwrap_or(u32::MAX));
        }
        latest(&mut f.client, record);
    }

    fn rare(&mut self, client: u32, record: &DnsRecord<'_>, look: Look) {
        let rare = self.rare.entry((client, look.domain)).or_insert_with(|| Rare {
            domain: registrable(record, look, &mut self.lower),
            facts: Box::new(RareFacts::new(record.time)),
        });
        let f = &mut rare.facts;
        f.queries += 1;
        f.first = f.first.min(record.time);
        f.last = f.last.max(record.time);
        super::dns_names::fold(&record.name, &mut self.lower);
        f.shown.add(hash::stable(&[self.lower.as_bytes()]), || Shown(bounded(&self.lower)));
        f.largest = f.largest.max(u16::try_from(self.addresses.len()).unwrap_or(u16::MAX));
        for address in self.addresses.drain(..) {
            f.addresses.add(hash::stable(&[&address.octets()]), || Answered(address));
        }
        latest(&mut f.client, record);
    }

    /// The row of the client that asked.
    fn client(&mut self, account: &str, region: &str, record: &DnsRecord<'_>) -> u32 {
        let hour = record.time.hour();
        let instance = record.instance_id.as_deref();
        // An instance is known by its id alone, another client by where it is.
        let (vpc, source) = if instance.is_some() { ("", None) } else { (record.vpc_id.as_ref(), record.src) };
        let place = self.places.number(account, region);
        let hash = self.hasher.hash_one((hour, instance, vpc, source));
        let rows = &self.rows;
        let found = self.table.find(hash, |&i| {
            rows.get(i as usize).is_some_and(|r| {
                r.hour == hour
                    && r.place == place
                    && r.instance.as_deref() == instance
                    && r.vpc == vpc
                    && r.source == source
            })
        });
        if let Some(&row) = found {
            return row;
        }
        // Bounded by CLIENTS.
        let new = self.rows.len() as u32;
        self.rows.push(Row {
            place,
            hour,
            instance: instance.map(Str::from),
            vpc: vpc.into(),
            source,
            facts: Box::new(ClientFacts::new(record.time)),
            key: source_key(record),
        });
        let (rows, hasher) = (&self.rows, &self.hasher);
        self.table.insert_unique(hash, new, |&i| {
            rows.get(i as usize)
                .map_or(0, |r| hasher.hash_one((r.hour, r.instance.as_deref(), r.vpc.as_str(), r.source)))
        });
        new
    }

    /// Makes facts of everything.
    pub(super) fn flush(&mut self, out: &mut FactMap) {
        let mut domains: BTreeMap<(Str, &'static str), DomainFacts> = BTreeMap::new();
        let mut clients = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let (account, region) = self.places.at(row.place);
            let client = client_hash(region, &row.key);
            let own = hash::stable(&[&client.to_le_bytes(), account.as_bytes()]);
            clients.push((client, own));
            if told(&mut self.told, (own, 0), row.hour, false) {
                continue;
            }
            let known = domains.entry((account.into(), CLIENT_SHARD)).or_default();
            known.0.add(client, || Known::new(row.hour, false, short(client)));
        }
        for ((place, domain), exists) in self.pairs.drain() {
            let (Some(row), Some(&(client, own))) = (self.rows.get_mut(place as usize), clients.get(place as usize))
            else {
                continue;
            };
            row.facts.domains.insert(domain);
            if !told(&mut self.told, (own, domain), row.hour, exists) {
                let (account, _) = self.places.at(row.place);
                let known = domains.entry((account.into(), shard(domain))).or_default();
                known.0.add(domain, || Known::new(row.hour, exists, short(client)));
            }
        }
        for ((account, entity), fact) in domains {
            let key = KeyRef { account: &account, hour: 0, class: Class::Domains, region: "", entity };
            out.merge(key, Fact::Domains(fact));
        }
        let mut entity = std::mem::take(&mut self.lower);
        for ((client, _), tunnel) in self.tunnels.drain() {
            let Some(row) = self.rows.get(client as usize) else { continue };
            entity.clear();
            entity.push_str(&row.key);
            entity.push(SEPARATOR);
            entity.push_str(&tunnel.domain);
            out.merge(row.at(self.places.at(row.place), Class::DnsTunnel, &entity), Fact::DnsTunnel(tunnel.facts));
        }
        for ((client, _), rare) in self.rare.drain() {
            let Some(row) = self.rows.get(client as usize) else { continue };
            entity.clear();
            entity.push_str(&row.key);
            entity.push(SEPARATOR);
            entity.push_str(&rare.domain);
            out.merge(row.at(self.places.at(row.place), Class::Rare, &entity), Fact::Rare(rare.facts));
        }
        self.lower = entity;
        let rows = std::mem::take(&mut self.rows);
        for mut row in rows {
            let place = self.places.at(row.place);
            if row.instance.is_some()
                && let Some(fact) = row.facts.client.as_ref().and_then(address)
            {
                let key = KeyRef { hour: 0, ..row.at(place, Class::Instance, &row.key) };
                out.merge(key, Fact::Instance(Box::new(fact)));
            }
            let facts = std::mem::replace(&mut row.facts, Box::new(ClientFacts::new(EventTime::MIN)));
            out.merge(row.at(place, Class::DnsClient, &row.key), Fact::DnsClient(facts));
        }
        self.table.clear();
        self.places.0.clear();
    }
}

/// Accounts and regions: one, where an object is what AWS delivered.
#[derive(Default)]
struct Places(Vec<(Str, Str)>);

impl Places {
    #[inline]
    fn number(&mut self, account: &str, region: &str) -> u32 {
        let known = self.0.iter().rposition(|(a, r)| a == account && r == region);
        // Bounded by PLACES.
        known.unwrap_or_else(|| {
            self.0.push((account.into(), region.into()));
            self.0.len() - 1
        }) as u32
    }

    fn at(&self, number: u32) -> (&str, &str) {
        self.0.get(number as usize).map_or(("", ""), |(account, region)| (account, region))
    }
}

/// Whether an earlier telling covers this one; if not, it is noted.
fn told(all: &mut Map<(u64, u64), (u32, u32)>, pair: (u64, u64), hour: u32, exists: bool) -> bool {
    if all.len() >= TOLD {
        all.clear();
    }
    let (asked, existed) = all.entry(pair).or_insert((u32::MAX, u32::MAX));
    let covered = *asked <= hour && (!exists || *existed <= hour);
    *asked = hour.min(*asked);
    if exists {
        *existed = hour.min(*existed);
    }
    covered
}

impl Row {
    fn at<'a>(&self, (account, region): (&'a str, &'a str), class: Class, entity: &'a str) -> KeyRef<'a> {
        KeyRef { account, hour: self.hour, class, region, entity }
    }
}

fn registrable(record: &DnsRecord<'_>, look: Look, lower: &mut String) -> Str {
    super::dns_names::fold(&record.name, lower);
    bounded(lower.get(usize::from(look.registrable)..).unwrap_or_default())
}

/// How many networks (the first 16 bits) the addresses of one answer are in that is called spread.
const SPREAD: usize = 3;
/// The octets of JSON that so many addresses take at least: `{"Rdata":"1.2.3.4","Type":"A","Class":"IN"}` each.
const SPREAD_OCTETS: usize = SPREAD * 43;

/// Whether the addresses of an answer are spread over networks. Those of AWS do not count: what customers have behind
/// its load balancers is spread by it. They are left in `addresses`, or none is.
fn spread(record: &DnsRecord<'_>, env: &Env, addresses: &mut Vec<Ipv4Addr>) -> bool {
    addresses.clear();
    if record.query_type != "A" || record.answers.is_none_or(|raw| raw.bytes().len() < SPREAD_OCTETS) {
        return false;
    }
    let parsed = record.answers().filter(|a| a.kind == "A").filter_map(|a| a.data.parse::<Ipv4Addr>().ok());
    addresses.extend(parsed.filter(|ip| is_public((*ip).into()) && !env.aws.contains((*ip).into())));
    let mut networks = [[0; 2]; SPREAD];
    let mut found = 0;
    for address in addresses.iter() {
        let [a, b, ..] = address.octets();
        if found < SPREAD && !networks.iter().take(found).any(|n| *n == [a, b]) {
            networks[found] = [a, b];
            found += 1;
        }
    }
    if found < SPREAD {
        addresses.clear();
    }
    found == SPREAD
}

/// Whether a record type holds what one likes, and hosts hardly ask for it below long names.
fn carries(kind: &str) -> bool {
    matches!(kind, "TXT" | "NULL" | "KEY" | "PRIVATE")
}

/// Keeps the client of the latest query, as [`merge_client`] does.
fn latest(slot: &mut Option<Latest<Client>>, record: &DnsRecord<'_>) {
    let blocked = record.firewall_action.as_deref() == Some("BLOCK");
    if let Some(known) = slot {
        let c = &known.value;
        if (record.src.is_some(), record.time) < (c.source.is_some(), known.time) {
            return;
        }
        // The instance is the row's.
        if c.source == record.src
            && c.blocked == blocked
            && c.vpc_id == record.vpc_id
            && c.transport == record.transport
        {
            known.time = known.time.max(record.time);
            return;
        }
    }
    let client = Client {
        instance_id: record.instance_id.as_deref().map(bounded),
        vpc_id: bounded(&record.vpc_id),
        source: record.src,
        transport: bounded(&record.transport),
        blocked,
    };
    let hash = record.src.map_or(0, |ip| hash::stable(&[ip.to_string().as_bytes(), record.vpc_id.as_bytes()]));
    merge_client(slot, Some(Latest::new(record.time, hash, client)));
}

/// `srcids` names the instance behind an address: the latest query tells where it is.
fn address(client: &Latest<Client>) -> Option<InstanceFacts> {
    let c = &client.value;
    Some(InstanceFacts {
        private_ip: Some(Latest::new(client.time, client.hash, c.source?)),
        vpc_id: (!c.vpc_id.is_empty()).then(|| Latest::new(client.time, client.hash, c.vpc_id.clone())),
        ..InstanceFacts::default()
    })
}
