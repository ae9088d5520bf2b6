//! Credentials of instances, functions and tasks that are used from elsewhere.

use crate::cold::Cold;
use crate::detectors::{Meta, default_severity, raised};
use crate::event::IssuedKind;
use crate::facts::credentials::{CredentialFacts, Origin, Use};
use crate::facts::signal::{Detail, RemoteAccount, Role};
use crate::facts::{Class, Fact, FactKey, LearnedFacts};
use crate::judge::{Context, Judge};
use crate::ledger::Ledger;
use crate::origins::{Exit, Holder, Suspect};
use crate::tuning::{CredentialExfiltration as Settings, OwnNetworks};
use crate::{Signal, Str, Tuning};
use picquet_model::{EventTime, Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "credential-exfiltration",
    types: &[
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration",
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS",
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.InsideAWS",
        "UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS",
    ],
    source: Source::Cloudtrail,
    detects: "Calls signed with the credentials of an EC2 instance, a Lambda function or an ECS task that come from \
              somewhere else.",
    decides: "An instance's sessions are named after it; functions and tasks are named in the record. What is usual is \
              learned for each of them: own public addresses, own VPC endpoints, and addresses of AWS that others of \
              the account share or that it used first. An address outside AWS is an exit of one's own once several \
              use it for days without calling from elsewhere in between, or when the settings say so; any other is \
              reported, and so is another account's endpoint. A new address in AWS is reported when the holder's own \
              calls go on from where they came, or when the holder is behind a gateway. Calls made by AWS services do not count. A thief whose calls leave through \
              a learned exit, or who uses an address in AWS that is shared, is not seen.",
    benign: "A new exit of one's own networks: the first that calls from it may be reported. An instance with several \
             public addresses that logs and inventory do not show.",
};

const KNOWN: &str = "origins";
const VERSION: u16 = 1;

/// So many undecided holders of an account are kept; more are decided on at once.
const SUSPECTS: usize = 4096;
/// Hours of a day.
const HOURS: u32 = 24;

/// The judge.
pub struct CredentialExfiltration {
    settings: Settings,
    memory_hours: u32,
    own: OwnNetworks,
    known: Ledger,
    /// By holder and origin.
    suspects: BTreeMap<(Str, Origin), Suspect>,
    account: Str,
    hour: u32,
}

/// What is to become of a suspect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Wait,
    Own,
    Theft,
}

/// What those have in common who share an origin that is not decided on.
#[derive(Clone, Copy, Default)]
struct Shared {
    /// How many did not call from elsewhere in between.
    loyal: usize,
    /// How many did.
    others: usize,
    /// How many calls from usual origins were to be expected meanwhile.
    expected: f64,
}

impl Shared {
    fn add(&mut self, suspect: &Suspect, holder: &Holder) {
        if suspect.between {
            self.others += 1;
            return;
        }
        self.loyal += 1;
        let hours = (suspect.last.as_secs() - suspect.first.as_secs()) as f64 / 3600.0;
        self.expected += hours * holder.calls_per_hour();
    }

    /// Whether the origin stood in for another one: where four calls are to be expected, none at all is seen in one of
    /// fifty cases (Poisson).
    fn is_in_place_of_another(&self) -> bool {
        self.others == 0 && self.expected >= 4.0
    }
}

impl CredentialExfiltration {
    /// With the configured thresholds.
    pub fn new(tuning: &Tuning, cold: &Cold) -> Self {
        Self {
            settings: tuning.credential_exfiltration.clone(),
            memory_hours: HOURS * u32::from(tuning.learning.memory_days),
            // Settings that were read from a file were checked then.
            own: OwnNetworks::new(&tuning.credential_exfiltration).unwrap_or_default(),
            known: Ledger::new(KNOWN, VERSION, cold),
            suspects: BTreeMap::new(),
            account: Str::default(),
            hour: 0,
        }
    }

    /// Whether an origin is the account's own whoever uses it, or such that nothing is to be said of it.
    fn is_own(&self, kind: IssuedKind, origin: &Origin, cx: &Context<'_>, region: &str) -> bool {
        match origin {
            Origin::AnyAws | Origin::Anywhere => true,
            // Types of use inside AWS are of instances and tasks only.
            Origin::Aws(_) | Origin::Endpoint(..) if kind == IssuedKind::Function => true,
            Origin::Outside(ip) => self.own.contains(*ip),
            Origin::Aws(ip) => cx.inventory.owns_public(*ip) || self.own.contains(*ip),
            Origin::Endpoint(id, owner) => {
                // Records of some services do not say who owns an endpoint; what is not known accuses nobody.
                owner.is_empty()
                    || *owner == self.account
                    || self.settings.endpoints.iter().any(|own| own == id.as_str())
                    || cx.inventory.interface(region, id).is_some()
            }
        }
    }

    /// Looks at the calls of one hour, region and holder.
    fn look(&mut self, key: &FactKey, facts: &CredentialFacts, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let name = holder_name(&key.entity);
        let mut holder: Holder = self.known.get(&name).unwrap_or_else(|| Holder::new(key.hour));
        let finds_own = self.finds_own(&holder, key.hour);
        let mut usual: Vec<(&Origin, &Use)> = Vec::new();
        let mut odd: Vec<(&Origin, &Use)> = Vec::new();
        // What is known comes first: a holder's first address in AWS is pinned only where it has no other.
        for (origin, calls) in &facts.uses {
            let known = holder.known(origin);
            let reported = known.is_some_and(|k| k.reported);
            let pinned = known.is_some_and(|k| !k.reported || k.days >= self.settings.usual_days);
            if pinned || self.is_own(facts.kind, origin, cx, &key.region) {
                if known.is_none() && matches!(origin, Origin::Aws(_)) {
                    self.shares(&key.entity, origin, key.hour, true);
                }
                holder.note(origin, calls.first, calls.last, false);
                usual.push((origin, calls));
            } else if !reported && self.is_shared(origin) {
                holder.note(origin, calls.first, calls.last, false);
                self.shares(&key.entity, origin, key.hour, true);
                usual.push((origin, calls));
            } else {
                odd.push((origin, calls));
            }
        }
        // The earliest first: of two new addresses in AWS it is the holder's.
        odd.sort_by_key(|(origin, calls)| (calls.first, *origin));
        for (origin, calls) in odd {
            let earlier = usual.iter().any(|(o, u)| !matches!(o, Origin::Endpoint(..)) && u.first < calls.first);
            let earlier = earlier || self.of_holder(&key.entity).any(|(o, s)| o != origin && s.first < calls.first);
            if !earlier && finds_own && !matches!(origin, Origin::Outside(_)) {
                holder.note(origin, calls.first, calls.last, false);
                self.shares(&key.entity, origin, key.hour, true);
                usual.push((origin, calls));
                continue;
            }
            self.shares(&key.entity, origin, key.hour, false);
            let known = holder.known(origin).is_some_and(|k| k.reported);
            if known {
                holder.note(origin, calls.first, calls.last, true);
            }
            let at = (key.entity.clone(), origin.clone());
            let before = holder.usual().filter(|k| k.last <= calls.first).map(|k| (k.last, k.origin.clone()));
            let gateway =
                holder.usual().is_some_and(|k| self.holders(&k.origin) >= usize::from(self.settings.learn_holders));
            let out_of_gateway = gateway && holder.has_key_of(calls);
            let suspect = self.suspects.entry(at).or_insert_with(|| Suspect {
                kind: facts.kind,
                vpc: facts.vpc.clone(),
                first: calls.first,
                last: calls.last,
                uses: BTreeMap::new(),
                before,
                between: false,
                after: false,
                out_of_gateway: false,
                reported: known,
            });
            suspect.out_of_gateway |= out_of_gateway;
            suspect.add(&key.region, calls);
        }
        // That some calls take an endpoint says nothing of where the others leave, unless it never was otherwise.
        let endpoints_count = !holder.has_public() && !is_young(&holder, key.hour, &self.settings);
        usual.retain(|(origin, _)| endpoints_count || !matches!(origin, Origin::Endpoint(..)));
        let since: Vec<(Origin, EventTime)> = self.of_holder(&key.entity).map(|(o, s)| (o.clone(), s.first)).collect();
        for ((of, own), suspect) in self.suspects.range_mut(first_of(&key.entity)..) {
            if *of != key.entity {
                break;
            }
            usual.iter().for_each(|(origin, calls)| suspect.compare(origin, calls));
            // An exit that is not learned yet is what an address in AWS is held against.
            if matches!(own, Origin::Outside(_)) {
                continue;
            }
            let first = suspect.first;
            for (origin, _) in since.iter().filter(|(origin, at)| origin != own && *at < first) {
                facts.of(origin).into_iter().for_each(|calls| suspect.compare(origin, calls));
            }
        }
        holder.hours.1 = holder.hours.1.max(key.hour);
        usual.sort_by_key(|(origin, calls)| (calls.last, *origin));
        usual.iter().for_each(|(_, calls)| holder.own(calls));
        self.known.put(&name, &holder);
        if self.suspects.len() > SUSPECTS {
            self.settle(key.hour, true, cx, out);
        }
    }

    /// What is suspected of a holder.
    fn of_holder(&self, entity: &Str) -> impl Iterator<Item = (&Origin, &Suspect)> {
        let of = entity.clone();
        self.suspects.range(first_of(entity)..).take_while(move |((e, _), _)| *e == of).map(|((_, o), s)| (o, s))
    }

    /// How many call from an origin.
    fn holders(&self, origin: &Origin) -> usize {
        self.known.get::<Exit>(&exit_name(origin)).map_or(0, |exit| exit.holders.len())
    }

    /// Whether an origin was found to be an exit of one's own, or in AWS is another holder's as well.
    fn is_shared(&self, origin: &Origin) -> bool {
        self.known.get::<Exit>(&exit_name(origin)).is_some_and(|exit| exit.own)
    }

    /// Whether the first origin in AWS that is seen of a holder is taken for the holder's own. One that used endpoints
    /// alone for days is known well enough to be held against them.
    fn finds_own(&self, holder: &Holder, hour: u32) -> bool {
        let young = is_young(holder, hour, &self.settings);
        !holder.has_public() && (young || holder.origins.iter().all(|k| k.reported))
    }

    /// Notes that a holder calls from an origin.
    fn shares(&mut self, holder: &str, origin: &Origin, hour: u32, own: bool) {
        let name = exit_name(origin);
        let mut exit: Exit = self.known.get(&name).unwrap_or_default();
        let changed = exit.note(holder, hour);
        if changed || (own && !exit.own) {
            exit.own |= own;
            self.known.put(&name, &exit);
        }
    }

    /// Decides on suspects as far as they can be, when an hour is over; at the end on all.
    fn settle(&mut self, hour: u32, end: bool, cx: &Context<'_>, out: &mut Vec<Signal>) {
        if self.suspects.is_empty() {
            return;
        }
        let mut shared: BTreeMap<&Origin, Shared> = BTreeMap::new();
        for ((entity, origin), suspect) in &self.suspects {
            let holder: Holder = self.known.get(&holder_name(entity)).unwrap_or_default();
            shared.entry(origin).or_default().add(suspect, &holder);
        }
        let verdicts: Vec<Verdict> = self
            .suspects
            .iter()
            .map(|((_, origin), suspect)| {
                let exit: Exit = self.known.get(&exit_name(origin)).unwrap_or_default();
                self.decide(origin, suspect, &exit, shared.get(origin).copied().unwrap_or_default(), (hour, end))
            })
            .collect();
        let mut at = verdicts.into_iter();
        let mut rest = BTreeMap::new();
        for ((entity, origin), mut suspect) in std::mem::take(&mut self.suspects) {
            match at.next().unwrap_or(Verdict::Wait) {
                Verdict::Wait => {
                    rest.insert((entity, origin), suspect);
                }
                Verdict::Own => {
                    self.shares(&entity, &origin, suspect.last.hour(), true);
                    self.note(&entity, &origin, &suspect, false);
                }
                Verdict::Theft => {
                    self.report(&entity, &origin, &suspect, cx, out);
                    self.note(&entity, &origin, &suspect, true);
                    suspect.reported = true;
                    suspect.uses.clear();
                    // It is still looked at who else comes to use the origin.
                    let patience = HOURS * u32::from(self.settings.learn_days);
                    if hour < suspect.last.hour().saturating_add(patience) {
                        rest.insert((entity, origin), suspect);
                    }
                }
            }
        }
        self.suspects = rest;
    }

    fn note(&mut self, entity: &str, origin: &Origin, suspect: &Suspect, reported: bool) {
        let name = holder_name(entity);
        let mut holder: Holder = self.known.get(&name).unwrap_or_else(|| Holder::new(suspect.first.hour()));
        holder.note(origin, suspect.first, suspect.last, reported);
        self.known.put(&name, &holder);
    }

    fn decide(
        &self,
        origin: &Origin,
        suspect: &Suspect,
        exit: &Exit,
        shared: Shared,
        (hour, end): (u32, bool),
    ) -> Verdict {
        let s = &self.settings;
        let holders = exit.holders.len();
        let several = holders >= usize::from(s.learn_holders);
        let in_aws = matches!(origin, Origin::Aws(_));
        let loyal = shared.loyal >= usize::from(s.learn_holders) || holders >= usize::from(s.crowd);
        let learned = several && exit.days >= s.learn_days && (in_aws || loyal);
        if exit.own || learned || (several && shared.is_in_place_of_another()) {
            return Verdict::Own;
        }
        if suspect.reported {
            // What comes after the finding belongs to it.
            return Verdict::Theft;
        }
        let age = hour.saturating_sub(suspect.first.hour());
        let patience = HOURS * u32::from(s.learn_days);
        let young = suspect.first.hour() < self.known.first_hour().saturating_add(patience);
        if !end && (age < s.wait_hours || ((several || young) && age < patience)) {
            return Verdict::Wait;
        }
        if in_aws {
            return match suspect.between || suspect.after {
                true => Verdict::Theft,
                // Who is behind a gateway has no address of its own that it could move to.
                false if !several && suspect.out_of_gateway && (end || age >= s.moved_hours) => Verdict::Theft,
                false if end || age >= s.moved_hours => Verdict::Own,
                false => Verdict::Wait,
            };
        }
        // Logs of less days than it takes to learn: many that call from nowhere else.
        let crowd = usize::from(s.crowd);
        if young && holders >= crowd && shared.loyal >= crowd { Verdict::Own } else { Verdict::Theft }
    }

    /// Raises the signals of a suspect's calls, one in each region.
    fn report(&self, entity: &Str, origin: &Origin, suspect: &Suspect, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let inside = !matches!(origin, Origin::Outside(_));
        let of_instance = suspect.kind == IssuedKind::Instance;
        let names: &[&str] = match (of_instance, inside) {
            (true, true) => &META.types[1..2],
            (true, false) => &[META.types[0], META.types[2]],
            (false, true) => &META.types[3..4],
            (false, false) => &META.types[4..5],
        };
        let affiliated = |account: &Str| self.settings.affiliated_accounts.iter().any(|a| a == account.as_str());
        let owner = match origin {
            Origin::Endpoint(_, owner) if !owner.is_empty() && *owner != self.account => {
                Some(RemoteAccount { account_id: owner.clone(), affiliated: affiliated(owner) })
            }
            _ => None,
        };
        for finding_type in names.iter().filter_map(|name| raised(cx.env, name)) {
            for (region, calls) in &suspect.uses {
                let Some(mut call) = cx.spellings.event(&calls.earliest) else { continue };
                let medium = owner.as_ref().is_some_and(|o| o.affiliated);
                if owner.is_some() {
                    call.remote_account.clone_from(&owner);
                }
                out.push(Signal {
                    finding_type,
                    detector: META.name.into(),
                    role: Role::Target,
                    // Affiliated accounts: the catalogue's note.
                    severity_tenths: if medium { 50 } else { default_severity(finding_type) },
                    account: self.account.clone(),
                    region: region.clone(),
                    global: calls.global,
                    key: vec![entity.clone()],
                    count: calls.events.len(),
                    first: calls.first,
                    last: calls.last,
                    hash: calls.earliest.hash,
                    detail: Detail::Api(call),
                    lists: BTreeSet::new(),
                    apis: BTreeMap::new(),
                    extra: BTreeMap::new(),
                    explanation: self.explain(entity, origin, suspect, calls, cx),
                });
            }
        }
    }

    fn explain(&self, entity: &str, origin: &Origin, suspect: &Suspect, calls: &Use, cx: &Context<'_>) -> Explanation {
        let what = match suspect.kind {
            IssuedKind::Instance => "instance",
            IssuedKind::Function => "function",
            IssuedKind::Task => "task",
            IssuedKind::User => "user",
        };
        let place = |origin: &Origin| describe(origin, cx);
        let is = match origin {
            Origin::Outside(_) => "which is not in AWS and no known exit of your networks",
            Origin::Endpoint(..) => "which is not known to be the account's",
            _ => "an address of AWS that is not known to be the account's",
        };
        let ago = |time: EventTime| suspect.first.as_secs().saturating_sub(time.as_secs()).max(0);
        let own = match &suspect.before {
            Some((time, from)) => format!("It last called from {} about {} before", place(from), span(ago(*time))),
            None => "No earlier call of its own is known".into(),
        };
        let goes_on = suspect.between || suspect.after;
        let on = if goes_on { ", and its own calls went on" } else { "" };
        let exit: Exit = self.known.get(&exit_name(origin)).unwrap_or_default();
        let mut why = Explanation::new(format!(
            "Credentials that were issued to {what} {entity} were used from {}, {is}. {own}{on}.",
            place(origin)
        ));
        let usual = suspect.before.as_ref().map_or_else(|| "none is known".to_owned(), |(_, from)| place(from));
        why = why.compare("origin", place(origin), usual);
        if let Some((time, _)) = suspect.before {
            // Of an hour only its minutes are known.
            let minute: String = time.to_string().chars().take(16).collect();
            why = why.observe("its own last call, to the minute", format!("{minute}Z"));
        }
        why = why.observe("own calls in between or later", if goes_on { "yes" } else { "no" });
        why = why.compare(
            "instances, functions and tasks that used the origin",
            exit.holders.len(),
            format!("{} for {} days make it an exit", self.settings.learn_holders, self.settings.learn_days),
        );
        if !suspect.vpc.is_empty() {
            why = why.observe("VPC that the credentials were issued in", &suspect.vpc);
        }
        let keys: Vec<&str> = calls.keys.iter().map(Str::as_str).collect();
        if keys.len() > 1 {
            why = why.observe("access keys", keys.join(", "));
        }
        why
    }

    fn begin(&mut self, key: &FactKey, cx: &Context<'_>, out: &mut Vec<Signal>) {
        self.known.begin(&key.account, key.hour);
        self.account.clone_from(&key.account);
        if key.hour != self.hour {
            self.settle(key.hour, false, cx, out);
            self.hour = key.hour;
        }
    }
}

/// Where a holder's suspects begin.
fn first_of(entity: &Str) -> (Str, Origin) {
    (entity.clone(), Origin::Outside(IpAddr::from([0, 0, 0, 0])))
}

/// Whether a holder is not known for long enough to say what it never does.
fn is_young(holder: &Holder, hour: u32, settings: &Settings) -> bool {
    hour < holder.hours.0.saturating_add(HOURS * u32::from(settings.learn_days))
}

fn holder_name(entity: &str) -> String {
    format!("h {entity}")
}

fn exit_name(origin: &Origin) -> String {
    format!("x {origin}")
}

/// An origin, with its network and country where they are known.
fn describe(origin: &Origin, cx: &Context<'_>) -> String {
    match origin {
        Origin::Outside(ip) | Origin::Aws(ip) => {
            let info = cx.env.geo.lookup(*ip);
            let network = info.asn.map(|n| match &info.as_org {
                Some(name) => format!("AS{n} {name}"),
                None => format!("AS{n}"),
            });
            let aws = matches!(origin, Origin::Aws(_)).then(|| "AWS".to_owned());
            let known: Vec<String> = [network.or(aws), info.country_name].into_iter().flatten().collect();
            if known.is_empty() { ip.to_string() } else { format!("{ip} ({})", known.join(", ")) }
        }
        _ => origin.to_string(),
    }
}

/// A span of time in words.
fn span(secs: i64) -> String {
    match secs {
        0..120 => format!("{secs} seconds"),
        120..7200 => format!("{} minutes", secs / 60),
        7200..172_800 => format!("{} hours", secs / 3600),
        _ => format!("{} days", secs / 86_400),
    }
}

impl Judge for CredentialExfiltration {
    fn class(&self) -> Class {
        Class::Credentials
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let Fact::Credentials(facts) = fact else { return };
        self.begin(key, cx, out);
        self.look(key, facts, cx, out);
    }

    fn recall(&mut self, key: &FactKey, learned: &LearnedFacts) {
        self.known.recall(key, learned);
    }

    fn learned(&self, out: &mut dyn FnMut(FactKey, LearnedFacts)) {
        self.known.learned(self.memory_hours, out);
    }

    fn finish(&mut self, cx: &Context<'_>, out: &mut Vec<Signal>) {
        self.settle(self.hour.saturating_add(1), true, cx, out);
    }
}
