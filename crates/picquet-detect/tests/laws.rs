//! The laws that every kind of fact must keep, so that logs give the same findings however they are spread:
//! merging is commutative and associative, and survives being written and read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use picquet_detect::event::IssuedKind;
use picquet_detect::facts::api::{Call as ApiCall, Events, Spelling, Use as ApiUse, Visit};
use picquet_detect::facts::bottom::{BottomK, Element};
use picquet_detect::facts::credentials::{Event, FewEvents, Origin, Use};
use picquet_detect::facts::dns::{Client, Kinds, Known, Missing, Shown, Weighed};
use picquet_detect::facts::inventory::Common;
use picquet_detect::facts::logins::Login;
use picquet_detect::facts::network::Traffic;
use picquet_detect::facts::policy::{AWS_DEFAULT, PasswordPolicy, PolicyChange};
use picquet_detect::facts::rare::Answered;
use picquet_detect::facts::sessions::Link;
use picquet_detect::facts::signal::{
    ApiDetail, BucketDetail, Detail, Direction, DnsDetail, ListMatch, NetworkDetail, ProbeDetail, RemoteAccount, Role,
};
use picquet_detect::facts::sketch::EventSet;
use picquet_detect::facts::traffic::{Contact, ContactKey, Entry, Glance, Sample};
use picquet_detect::facts::{
    AccountFacts, ApiFacts, AttemptFacts, ClientFacts, CredentialFacts, DomainFacts, History, InstanceFacts,
    InterfaceFacts, Latest, LearnedFacts, LoginFacts, Occurrence, PeerFacts, PolicyFacts, RareFacts, SessionFacts,
    SignalFacts, TrafficFacts, TrailFacts, TunnelFacts,
};
use picquet_detect::hash::stable;
use picquet_detect::{Class, FactKey};
use picquet_detect::{Fact, Str};
use picquet_engine::{read_run, write_run};
use picquet_model::finding::{
    BlockPublicAccess, BucketLevelPermissions, PermissionConfiguration, PublicAccess, SecurityGroup, Tag,
};
use picquet_model::{EventTime, Explanation, TypeId};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::IpAddr;

/// Few moments, so that facts meet at the same one.
fn time() -> impl Strategy<Value = EventTime> {
    (0i64..6).prop_map(|n| EventTime::from_secs(1_700_000_000 + n).unwrap())
}

fn word() -> impl Strategy<Value = Str> {
    prop_oneof!["[a-c]", Just(String::new()), "[a-z]{30}"].prop_map(Str::from)
}

fn ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0u8..4).prop_map(|n| IpAddr::from([10, 0, 0, n])),
        (0u16..3).prop_map(|n| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n])),
    ]
}

/// An observation whose hash follows from its value, as that of a record does.
fn latest<T: Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Latest<T>>> {
    of((time(), value).prop_map(|(t, v)| Latest::new(t, stable(&[format!("{v:?}").as_bytes()]), v)))
}

fn history<T: Ord + Clone + Debug + Default>(value: impl Strategy<Value = T>) -> impl Strategy<Value = History<T>> {
    vec((0i64..60, 0u64..2, value), 0..40).prop_map(|all| {
        let mut h = History::default();
        for (t, hash, v) in all {
            h.add(EventTime::from_secs(t).unwrap(), hash, v);
        }
        h
    })
}

fn traffic() -> impl Strategy<Value = Traffic> {
    (0u64..9, any::<u64>(), any::<u64>()).prop_map(|(records, packets, bytes)| Traffic { records, packets, bytes })
}

fn span() -> impl Strategy<Value = (EventTime, EventTime)> {
    (time(), time()).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn account() -> impl Strategy<Value = Fact> {
    (btree_set(word(), 1..4), span())
        .prop_map(|(regions, (first, last))| Fact::Account(AccountFacts { regions, first, last }))
}

fn instance() -> impl Strategy<Value = Fact> {
    let tags = vec(("[a-b]", "[a-b]?").prop_map(|(key, value)| Tag { key, value }), 0..3);
    let some = (latest(word()), latest(word()), latest(word()), latest(word()), latest(word()));
    let more = (latest(word()), latest(word()), latest(tags), latest(vec((word(), word()), 0..2)), latest(ip()));
    (some, more).prop_map(|((a, b, c, d, e), (f, g, tags, codes, ip))| {
        Fact::Instance(Box::new(InstanceFacts {
            instance_type: a.clone(),
            image_id: b,
            availability_zone: c,
            platform: d,
            state: e,
            launch_time: f.clone(),
            profile_arn: g,
            profile_id: a,
            tags,
            product_codes: codes,
            outpost_arn: f,
            vpc_id: None,
            subnet_id: None,
            private_ip: ip,
        }))
    })
}

fn interface() -> impl Strategy<Value = Fact> {
    let group = (of("[a-b]"), of("[a-b]")).prop_map(|(group_id, group_name)| SecurityGroup { group_id, group_name });
    let common = of(prop_oneof![
        (ip(), ip()).prop_map(|(a, b)| Common::of(a, b)),
        ip().prop_map(Common::One),
        Just(Common::None)
    ]);
    let a = (history(of(word())), history(of(ip())), btree_map("i-[a-d]".prop_map(Str::from), span(), 0..4));
    let b = (latest(word()), latest(ip()), latest(vec(group, 0..3)));
    let c = (
        btree_set(any::<u32>().prop_map(|n| IpAddr::from(n.to_be_bytes())), 0..60),
        common,
        btree_set(any::<u16>().prop_map(|n| IpAddr::from([10, 0, (n >> 8) as u8, n as u8])), 0..16),
    );
    (a, b, c).prop_map(
        |((instance, public_ip, seen), (vpc_id, private_ip, groups), (addresses, common, facing_public))| {
            Fact::Interface(Box::new(InterfaceFacts {
                instance,
                seen,
                public_ip,
                subnet_id: vpc_id.clone(),
                private_dns: vpc_id.clone(),
                public_dns: None,
                kind: vpc_id.clone(),
                vpc_id,
                private_ip,
                groups,
                addresses,
                common,
                facing_public,
            }))
        },
    )
}

fn call() -> impl Strategy<Value = ApiDetail> {
    let access = of((any::<bool>(), of(any::<bool>())).prop_map(|(known, switch)| PublicAccess {
        effective_permission: if known { "PUBLIC" } else { "UNKNOWN" }.into(),
        permission_configuration: switch.map(|on| PermissionConfiguration {
            bucket_level_permissions: Some(BucketLevelPermissions {
                block_public_access: Some(BlockPublicAccess { block_public_acls: on, ..BlockPublicAccess::default() }),
                ..BucketLevelPermissions::default()
            }),
            account_level_permissions: None,
        }),
    }));
    let bucket = (word(), access).prop_map(|(name, public_access)| BucketDetail { name, public_access });
    let other =
        of((word(), any::<bool>()).prop_map(|(account_id, affiliated)| RemoteAccount { account_id, affiliated }));
    (word(), word(), vec(bucket, 0..3), btree_map(word(), word(), 0..3), other).prop_map(
        |(api, user_name, buckets, affected, remote_account)| ApiDetail {
            api,
            user_name,
            buckets,
            affected,
            remote_account,
            ..ApiDetail::default()
        },
    )
}

fn policy_changes() -> impl Strategy<Value = Fact> {
    let policy = (6u32..9, any::<[bool; 4]>(), 0u32..3).prop_map(|(minimum_length, [a, b, c, d], n)| PasswordPolicy {
        minimum_length,
        symbols: a,
        numbers: b,
        uppercase: c,
        lowercase: d,
        reuse_prevention: n,
        max_age: n,
    });
    let change = (of(policy), any::<bool>(), call()).prop_map(|(policy, succeeded, call)| PolicyChange {
        policy,
        succeeded,
        call,
    });
    let known = latest(6u32..9).prop_map(|known| {
        known.map(|l| {
            let policy = PasswordPolicy { minimum_length: l.value, ..AWS_DEFAULT };
            Latest::new(l.time, l.hash, policy)
        })
    });
    (btree_map((time(), 0u64..3), change, 0..5), known)
        .prop_map(|(changes, known)| Fact::PasswordPolicy(PolicyFacts { changes, known }))
}

fn trails() -> impl Strategy<Value = Fact> {
    (btree_map(word(), time(), 0..4), btree_map((time(), 0u64..3), (word(), word(), call()), 0..4))
        .prop_map(|(buckets, deleted)| Fact::Trails(TrailFacts { buckets, deleted }))
}

fn detail() -> impl Strategy<Value = Detail> {
    let network = (ip(), ip(), any::<u16>(), any::<bool>()).prop_map(|(local_ip, remote_ip, port, blocked)| {
        Detail::Network(NetworkDetail {
            interface_id: "eni-1".into(),
            local_ip,
            local_port: port,
            remote_ip,
            remote_port: 22,
            protocol: 6,
            direction: if blocked { Direction::Outbound } else { Direction::Unknown },
            blocked,
        })
    });
    let dns = (word(), of(ip()), of(word())).prop_map(|(domain, source, instance_id)| {
        Detail::Dns(DnsDetail {
            domain,
            transport: "UDP".into(),
            blocked: false,
            vpc_id: "vpc-1".into(),
            source,
            instance_id,
        })
    });
    let probe = vec((time(), any::<u16>(), ip(), ip()), 0..3).prop_map(|all| Detail::Probe {
        interface_id: "eni-1".into(),
        probes: all
            .into_iter()
            .map(|(last, local_port, remote_ip, local_ip)| ProbeDetail { last, local_port, remote_ip, local_ip })
            .collect(),
    });
    prop_oneof![call().prop_map(Detail::Api), network, dns, probe]
}

fn events() -> impl Strategy<Value = EventSet> {
    // Now and then enough to leave the exact counting, at 4,096.
    prop_oneof![4 => 0u64..20, 1 => 2000u64..5000].prop_flat_map(|n| {
        any::<u32>().prop_map(move |from| {
            let mut set = EventSet::default();
            for i in 0..n {
                set.insert(stable(&[&(u64::from(from % 4) * 1500 + i).to_le_bytes()]));
            }
            set
        })
    })
}

fn signal() -> impl Strategy<Value = Fact> {
    let lists =
        btree_set(("[a-z]", "[a-b]?").prop_map(|(l, t)| ListMatch { list: l.into(), threat: t.into() }), 0..=16);
    let why = "[a-c]".prop_map(|reason| Explanation::new(reason).observe("a", 1).compare("b", 2, 3));
    let occurrence = (time(), 0u64..3, detail(), why, btree_map("[a-b]", "[a-b]", 0..2))
        .prop_map(|(time, hash, detail, explanation, extra)| Occurrence { time, hash, detail, explanation, extra });
    (0u8..3, any::<bool>(), btree_map(word(), events(), 0..3), 0u64..9, span(), lists, occurrence).prop_map(
        |(severity, global, events, records, (first, last), lists, latest)| {
            Fact::Signal(Box::new(SignalFacts {
                finding_type: TypeId::of("Recon:IAMUser/TorIPCaller").unwrap(),
                detector: "threat-list-api".into(),
                role: Role::Target,
                severity_tenths: 10 * severity,
                global,
                events,
                records,
                first,
                last,
                lists,
                latest,
            }))
        },
    )
}

fn peer() -> impl Strategy<Value = Fact> {
    (traffic(), traffic(), traffic(), any::<bool>(), span(), (time(), 0u64..3, any::<u16>())).prop_map(
        |(out, inward, refused, answered, (first, last), latest)| {
            Fact::Peer(Box::new(PeerFacts { out, inward, refused, answered, first, last, latest }))
        },
    )
}

fn attempts() -> impl Strategy<Value = Fact> {
    (traffic(), traffic(), traffic(), any::<u64>(), span(), (time(), 0u64..3, any::<u16>())).prop_map(
        |(attempts, other, replies, minutes, (first, last), latest)| {
            Fact::Attempts(AttemptFacts { attempts, other, replies, minutes, first, last, latest })
        },
    )
}

/// A record of a contact: its key, whether it goes to the service port, and what is seen.
type Seen = (ContactKey, bool, Glance);

fn seen() -> impl Strategy<Value = Seen> {
    let glance = (0u16..3600, 1u32..700, 0u64..3000, any::<u64>(), any::<bool>(), of(0u8..32), any::<u16>()).prop_map(
        |(second, span, packets, bytes, accepted, flags, other_port)| {
            // Now and then sums that reach the end of their range.
            let bytes = if bytes % 5 == 0 { u64::MAX - bytes % 9 } else { bytes % 2_000_000 };
            Glance { second, span, packets, bytes, accepted, flags, other_port }
        },
    );
    (0u32..40, 0u16..3, any::<bool>(), glance).prop_map(|(client, port, to, glance)| {
        let server = IpAddr::from([10, 0, 0, 1]);
        let key = ContactKey { client: client.to_be_bytes().into(), server, port: 80 + port, protocol: 6 };
        (key, to, glance)
    })
}

fn traffic_of(all: &[Seen]) -> TrafficFacts {
    let mut total = Traffic::default();
    let mut of = [BTreeMap::<ContactKey, Contact>::new(), BTreeMap::new()];
    for (key, to, glance) in all {
        total.add(glance.packets, glance.bytes);
        of[usize::from(glance.is_heavy())].entry(*key).or_default().add(*to, glance);
    }
    let [light, heavy] = of.map(|m| m.into_iter().map(|(k, c)| Entry::new(k, c)).collect());
    TrafficFacts {
        total,
        light: Sample::new(light, TrafficFacts::LIGHT),
        heavy: Sample::new(heavy, TrafficFacts::HEAVY),
    }
}

fn contacts() -> impl Strategy<Value = Fact> {
    vec(seen(), 0..60).prop_map(|all| Fact::Traffic(Box::new(traffic_of(&all))))
}

fn learned() -> impl Strategy<Value = Fact> {
    (0u32..3, 0u16..3, vec(any::<u8>(), 0..3))
        .prop_map(|(hour, version, state)| Fact::Learned(LearnedFacts { hour, version, state }))
}

fn kinds() -> impl Strategy<Value = Kinds> {
    any::<[u8; 12]>().prop_map(|n| Kinds(n.map(u32::from)))
}

fn client() -> impl Strategy<Value = Option<Latest<Client>>> {
    let some = (time(), of(word()), word(), of(ip()), any::<bool>());
    of(some.prop_map(|(time, instance_id, vpc_id, source, blocked)| {
        let client = Client { instance_id, vpc_id, source, transport: "UDP".into(), blocked };
        Latest::new(time, 0, client)
    }))
}

/// Now and then more than is kept. Hashes are near each other, so that elements meet.
fn sample<V: Element + Debug + Clone, const K: usize>(
    element: impl Strategy<Value = V>,
) -> impl Strategy<Value = BottomK<V, K>> {
    let size = prop_oneof![4 => 0usize..6, 1 => K..K + 9];
    (size, vec(element, 6), 0u64..5).prop_map(|(size, elements, from)| {
        let mut all = BottomK::default();
        for i in 0..size {
            let hash = (from + i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            all.add(hash, || elements[i % elements.len()].clone());
        }
        all
    })
}

fn domains() -> impl Strategy<Value = Fact> {
    let clients = vec((0u32..40, 0u32..90), 1..70);
    let known = (0u32..40, of(0u32..40), clients).prop_map(|(asked, existed, clients)| {
        let mut known = Known { asked, existed, clients: Vec::new() };
        for (hour, client) in clients {
            known.merge(Known::new(hour, false, client));
        }
        known
    });
    sample(known).prop_map(|all| Fact::Domains(DomainFacts(all)))
}

fn dns_client() -> impl Strategy<Value = Fact> {
    let missing =
        (word(), span(), 1u64..9).prop_map(|(domain, (first, last), queries)| Missing { domain, first, last, queries });
    (any::<[u32; 2]>(), kinds(), events(), sample(missing), events(), span(), client()).prop_map(
        |([queries, nxdomain], kinds, domains, missing, missing_all, (first, last), client)| {
            Fact::DnsClient(Box::new(ClientFacts {
                queries: queries.into(),
                nxdomain: nxdomain.into(),
                kinds,
                domains,
                missing,
                missing_all,
                first,
                last,
                client,
            }))
        },
    )
}

fn dns_tunnel() -> impl Strategy<Value = Fact> {
    let weighed = (any::<u16>(), any::<u16>()).prop_map(|(bytes, information)| Weighed { bytes, information });
    let sets = (events(), sample(weighed), sample(word().prop_map(Shown)));
    (any::<[u32; 2]>(), sets, kinds(), kinds(), any::<u64>(), span(), client()).prop_map(
        |([queries, bytes], (distinct, sample, shown), kinds, answers, minutes, (first, last), client)| {
            Fact::DnsTunnel(Box::new(TunnelFacts {
                queries: queries.into(),
                bytes: bytes.into(),
                distinct,
                sample,
                shown,
                kinds,
                answers,
                minutes,
                first,
                last,
                client,
            }))
        },
    )
}

fn rare() -> impl Strategy<Value = Fact> {
    let addresses = sample(any::<u32>().prop_map(|bits| Answered(bits.into())));
    (any::<(u32, u16)>(), sample(word().prop_map(Shown)), addresses, span(), client()).prop_map(
        |((queries, largest), shown, addresses, (first, last), client)| {
            Fact::Rare(Box::new(RareFacts { queries: queries.into(), shown, addresses, largest, first, last, client }))
        },
    )
}

/// Now and then more events than are kept.
fn few() -> impl Strategy<Value = FewEvents> {
    (prop_oneof![4 => 1u64..6, 1 => 60u64..90], 0u64..9).prop_map(|(n, from)| {
        let mut few = FewEvents::default();
        (from..from + n).for_each(|i| few.insert(stable(&[&i.to_le_bytes()])));
        few
    })
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        any::<u8>().prop_map(|n| Origin::Outside([10, 0, 0, n].into())),
        (0u8..4).prop_map(|n| Origin::Aws([10, 0, 0, n].into())),
        (word(), word()).prop_map(|(id, owner)| Origin::Endpoint(id, owner)),
        Just(Origin::AnyAws),
    ]
}

fn seen_calls() -> impl Strategy<Value = Use> {
    let keys = btree_set("[a-f]".prop_map(Str::from), 0..=4).prop_map(|keys| keys.into_iter().collect());
    let earliest = (0u64..3, any::<[u64; 2]>(), 0u64..3, 0u64..3);
    let earliest = earliest.prop_map(|(hash, id, visit, call)| Event { hash, id, visit, call });
    (span(), any::<u64>(), few(), keys, any::<bool>(), earliest).prop_map(
        |((first, last), minutes, events, keys, global, earliest)| Use {
            first,
            last,
            minutes,
            events,
            keys,
            global,
            earliest,
        },
    )
}

/// Now and then more origins than are kept.
fn credentials() -> impl Strategy<Value = Fact> {
    let uses = prop_oneof![
        4 => btree_map(origin(), seen_calls(), 0..4),
        1 => btree_map(origin(), seen_calls(), 25..33),
    ];
    (word(), uses).prop_map(|(vpc, uses)| {
        let uses = uses.into_iter().collect();
        Fact::Credentials(Box::new(CredentialFacts { kind: IssuedKind::Instance, vpc, uses }))
    })
}

fn logins() -> impl Strategy<Value = Fact> {
    let login =
        (word(), word(), call()).prop_map(|(region, endpoint, call)| Box::new(Login { region, endpoint, call }));
    let succeeded = btree_map(((0i64..90).prop_map(|s| EventTime::from_secs(s).unwrap()), 0u64..3), login, 0..50);
    (succeeded, btree_map(0u8..60, few(), 0..4))
        .prop_map(|(succeeded, failed)| Fact::Logins(Box::new(LoginFacts { succeeded, failed })))
}

fn sessions() -> impl Strategy<Value = Fact> {
    let link = (time(), word(), word(), word()).prop_map(|(time, key, parent, caller)| Link {
        time,
        api: "AssumeRole".into(),
        key,
        session: Str::default(),
        parent,
        caller,
    });
    sample(link).prop_map(|all| Fact::Sessions(Box::new(SessionFacts(all))))
}

fn spelling() -> impl Strategy<Value = Fact> {
    let call = (word(), word(), any::<bool>())
        .prop_map(|(api, bucket, global)| Spelling::Call(ApiCall { api, bucket, global, ..ApiCall::default() }));
    let visit = (word(), word(), any::<bool>())
        .prop_map(|(arn, source, trusted)| Spelling::Visit(Visit { arn, source, trusted, ..Visit::default() }));
    prop_oneof![call, visit].prop_map(|s| Fact::Spelling(Box::new(s)))
}

/// Few visits and calls that meet, or more than a fact keeps; events of few hashes, or more than are kept.
fn api_calls() -> impl Strategy<Value = Fact> {
    let few = btree_map((0u64..3, 0u64..3), vec((0u32..9, 0u64..40), 1..50), 0..6);
    let many = (0u64..3).prop_map(|step| {
        let key = |n: u64| (stable(&[&(n * (step + 1)).to_le_bytes()]), 7);
        (0..1500).map(|n| (key(n), vec![(1, n)])).collect::<BTreeMap<_, _>>()
    });
    prop_oneof![8 => few, 1 => many].prop_map(|calls| {
        let used = calls.into_iter().map(|(key, events)| {
            let hashed = |&(moment, n): &(u32, u64)| (moment, stable(&[&n.to_le_bytes()]), [n, moment.into()]);
            let (moment, hash, id) = hashed(&events[0]);
            let mut used = ApiUse::of(moment, hash, id, Events::FEW);
            events[1..].iter().map(hashed).for_each(|(moment, hash, id)| used.add(moment, hash, id));
            (key, used)
        });
        Fact::Api(Box::new(ApiFacts::of_sorted(used.collect())))
    })
}

fn merged(a: &Fact, b: &Fact) -> Fact {
    let mut sum = a.clone();
    sum.merge(b.clone());
    sum
}

/// Facts that hold no sums: what is merged in twice counts once.
fn is_idempotent(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Account(_)
            | Fact::Instance(_)
            | Fact::Interface(_)
            | Fact::PasswordPolicy(_)
            | Fact::Trails(_)
            | Fact::Learned(_)
            | Fact::Domains(_)
            | Fact::Credentials(_)
            | Fact::Logins(_)
            | Fact::Sessions(_)
            | Fact::Spelling(_)
            | Fact::Api(_)
    )
}

fn keeps_the_laws(a: &Fact, b: &Fact, c: &Fact) -> Result<(), TestCaseError> {
    prop_assert_eq!(merged(a, b), merged(b, a), "commutative");
    prop_assert_eq!(merged(&merged(a, b), c), merged(a, &merged(b, c)), "associative");
    if is_idempotent(a) {
        let sum = merged(a, b);
        prop_assert_eq!(&merged(&sum, b), &sum, "idempotent");
    }
    let class = Class::Account;
    let key =
        FactKey { account: "111122223333".into(), hour: 7, class, region: "us-east-1".into(), entity: "e".into() };
    let run: Vec<_> = [a, b, c].map(|f| (key.clone(), f.clone())).into();
    let mut bytes = Vec::new();
    write_run(&run, &mut bytes).unwrap();
    let read = read_run(bytes.as_slice()).collect::<Result<Vec<_>, _>>();
    prop_assert_eq!(read.map_err(|e| TestCaseError::fail(e.to_string()))?, run, "written and read");
    Ok(())
}

macro_rules! laws {
    ($($name:ident: $fact:ident),* $(,)?) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(96))]
            $(
                #[test]
                fn $name(a in $fact(), b in $fact(), c in $fact()) {
                    keeps_the_laws(&a, &b, &c)?;
                }
            )*
        }
    };
}

laws! {
    account_facts: account,
    instance_facts: instance,
    interface_facts: interface,
    policy_facts: policy_changes,
    trail_facts: trails,
    signal_facts: signal,
    peer_facts: peer,
    attempt_facts: attempts,
    traffic_facts: contacts,
    learned_facts: learned,
    domain_facts: domains,
    dns_client_facts: dns_client,
    dns_tunnel_facts: dns_tunnel,
    rare_facts: rare,
    credential_facts: credentials,
    login_facts: logins,
    session_facts: sessions,
    spelling_facts: spelling,
    api_facts: api_calls,
}

/// Facts without content, where a class has such.
#[test]
fn an_empty_fact_changes_nothing() {
    let mut runner = proptest::test_runner::TestRunner::default();
    let empty = [
        (Fact::Instance(Box::default()), instance().boxed()),
        (Fact::Interface(Box::default()), interface().boxed()),
        (Fact::PasswordPolicy(PolicyFacts::default()), policy_changes().boxed()),
        (Fact::Trails(TrailFacts::default()), trails().boxed()),
        (Fact::Traffic(Box::default()), contacts().boxed()),
        (Fact::Domains(DomainFacts::default()), domains().boxed()),
        (Fact::Api(Box::default()), api_calls().boxed()),
    ];
    for (nothing, facts) in empty {
        runner
            .run(&facts, |fact| {
                prop_assert_eq!(merged(&nothing, &fact), fact.clone());
                prop_assert_eq!(merged(&fact, &nothing), fact);
                Ok(())
            })
            .unwrap();
    }
}

proptest! {
    #[test]
    fn a_history_answers_as_the_whole_list_would(
        observed in btree_map((0i64..100, 0u64..3), 0u8..5, 1..30),
        asked in 0i64..100,
        cut: usize,
        reversed: bool,
    ) {
        let all: Vec<_> = observed.iter().map(|(&(t, hash), &value)| (EventTime::from_secs(t).unwrap(), hash, value)).collect();
        let (left, right) = all.split_at(cut % (all.len() + 1));
        let of = |part: &[(EventTime, u64, u8)]| {
            let mut h = History::default();
            part.iter().for_each(|&(t, hash, value)| h.add(t, hash, value));
            h
        };
        let (mut h, other) = if reversed { (of(right), of(left)) } else { (of(left), of(right)) };
        h.merge(other);
        let asked = EventTime::from_secs(asked).unwrap();
        let by = all.iter().rev().find(|(t, ..)| *t <= asked);
        let after = all.iter().find(|(t, ..)| *t > asked);
        prop_assert_eq!(h.at(asked).copied(), by.or(after).map(|(.., value)| *value));
        prop_assert_eq!(h.by(asked).map(|(_, v)| *v), by.map(|(.., value)| *value));
        prop_assert_eq!(h.after(asked).map(|(_, v)| *v), after.map(|(.., value)| *value));
    }

    #[test]
    fn a_history_keeps_the_latest(count in 0i64..80) {
        let mut h = History::default();
        for t in 0..count {
            h.add(EventTime::from_secs(t).unwrap(), 0, t);
        }
        let kept: Vec<i64> = h.values().copied().collect();
        prop_assert_eq!(kept, ((count - 32).max(0)..count).collect::<Vec<_>>());
    }

    /// One object or many, few contacts kept or all: a sample is what sampling everything at once gives.
    #[test]
    fn a_sample_does_not_depend_on_how_records_are_spread(all in vec(seen(), 1..80), cuts in vec(0usize..80, 1..4), cap in 1usize..20) {
        let contacts = |part: &[Seen]| {
            let mut map = BTreeMap::<ContactKey, Contact>::new();
            part.iter().for_each(|(key, to, glance)| map.entry(*key).or_default().add(*to, glance));
            Sample::new(map.into_iter().map(|(k, c)| Entry::new(k, c)).collect(), cap)
        };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c % (all.len() + 1)).chain([0, all.len()]).collect();
        cuts.sort_unstable();
        let mut merged = Sample::default();
        for w in cuts.windows(2).rev() {
            merged.merge(contacts(&all[w[0]..w[1]]), cap);
        }
        prop_assert_eq!(merged, contacts(&all));
    }

    /// One object or many: the spans of an interface's instances are the same.
    #[test]
    fn spans_do_not_depend_on_how_records_are_spread(seen in vec((0u8..3, 0i64..50), 1..40), cut: usize) {
        let of = |part: &[(u8, i64)]| {
            let mut f = InterfaceFacts::default();
            for (id, t) in part {
                let t = EventTime::from_secs(*t).unwrap();
                f.see(format!("i-{id}").into(), (t, t));
            }
            f
        };
        let (left, right) = seen.split_at(cut % seen.len());
        let mut f = of(right);
        f.merge(of(left));
        prop_assert_eq!(&f, &of(&seen));
        // At the moment of a record that no other instance's span covers, its instance is the answer.
        for (id, t) in &seen {
            let name = Str::from(format!("i-{id}"));
            let t = EventTime::from_secs(*t).unwrap();
            let covering = f.seen.iter().filter(|(_, (a, b))| *a <= t && t <= *b).count();
            if covering == 1 {
                prop_assert_eq!(f.instance_at(t), Some(&name));
            }
        }
    }
}

#[test]
fn calls_and_flow_records_tell_an_instance_together() {
    let at = |secs: i64| EventTime::from_secs(secs).unwrap();
    let mut f = InterfaceFacts::default();
    f.instance.add(at(100), 1, Some("i-a".into()));
    f.see("i-a".into(), (at(110), at(190)));
    f.instance.add(at(200), 2, None);
    f.instance.add(at(300), 3, Some("i-b".into()));
    f.see("i-b".into(), (at(310), at(390)));
    for (secs, want) in
        [(50, Some("i-a")), (150, Some("i-a")), (195, Some("i-a")), (250, None), (305, Some("i-b")), (500, Some("i-b"))]
    {
        assert_eq!(f.instance_at(at(secs)).map(|s| s.as_str()), want, "{secs}");
    }
    assert_eq!(f.instances().len(), 2);
}

#[test]
fn lists_that_overflow_are_the_same_in_any_order() {
    let lists = |range: std::ops::Range<u8>| -> BTreeSet<ListMatch> {
        range.map(|n| ListMatch { list: format!("list {n:02}").into(), threat: Str::default() }).collect()
    };
    let fact = |lists| {
        Fact::Signal(Box::new(SignalFacts {
            finding_type: TypeId::of("Recon:IAMUser/TorIPCaller").unwrap(),
            detector: "d".into(),
            role: Role::Target,
            severity_tenths: 50,
            global: false,
            events: BTreeMap::new(),
            records: 1,
            first: EventTime::MIN,
            last: EventTime::MIN,
            lists,
            latest: Occurrence {
                time: EventTime::MIN,
                hash: 0,
                detail: Detail::Api(ApiDetail::default()),
                explanation: Explanation::new("because"),
                extra: BTreeMap::new(),
            },
        }))
    };
    let (a, b) = (fact(lists(0..12)), fact(lists(8..24)));
    assert_eq!(merged(&a, &b), merged(&b, &a));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Queries cut anywhere, in either order, give what one fact of them all gives: also beyond what is sampled.
    #[test]
    fn dns_facts_do_not_depend_on_how_records_are_spread(
        asked in vec((0u16..900, 0i64..3600), 1..1500),
        cut: usize,
        swap: bool,
    ) {
        let start = EventTime::from_secs(1_700_000_000).unwrap();
        let of = |part: &[(u16, i64)]| {
            let mut f = TunnelFacts::new(EventTime::from_secs(1_700_000_000 + part[0].1).unwrap());
            let mut k = ClientFacts::new(f.first);
            let mut d = DomainFacts::default();
            for (name, secs) in part {
                let time = EventTime::from_secs(start.as_secs() + secs).unwrap();
                let hash = stable(&[&name.to_le_bytes()]);
                f.queries += 1;
                f.first = f.first.min(time);
                f.last = f.last.max(time);
                f.distinct.insert(hash);
                f.sample.add(hash, || Weighed { bytes: *name, information: *name / 2 });
                k.domains.insert(hash);
                k.missing.add(hash, || Missing { domain: Str::from(name.to_string()), first: time, last: time, queries: 1 });
                d.0.add(hash % 40, || Known::new((secs / 100) as u32, secs % 2 == 0, u32::from(*name % 100)));
            }
            (f, k, d)
        };
        let (left, right) = asked.split_at(cut % asked.len());
        let whole = of(&asked);
        if !left.is_empty() {
            let (a, b) = if swap { (of(right), of(left)) } else { (of(left), of(right)) };
            let mut sum = a;
            sum.0.merge(b.0);
            sum.1.first = sum.1.first.min(b.1.first);
            sum.1.merge(b.1);
            sum.2.merge(b.2);
            prop_assert_eq!(&sum.0, &whole.0);
            prop_assert_eq!(&sum.1.missing, &whole.1.missing);
            prop_assert_eq!(&sum.1.domains, &whole.1.domains);
            prop_assert_eq!(&sum.2, &whole.2);
        }
        // The estimate of the whole from the sample: within a tenth.
        let distinct: BTreeSet<u16> = asked.iter().map(|(n, _)| *n).collect();
        let exact: u64 = distinct.iter().map(|n| u64::from(n / 2)).sum();
        let estimate = whole.0.information();
        prop_assert!(estimate.abs_diff(exact) * 5 <= exact.max(5), "{estimate} for {exact}");
    }
}
