//! What the database answers is what the findings say: criteria, sorting, paging and statistics against plain code.

#![allow(clippy::unwrap_used)]

mod place;

use picquet_store::criteria::{Criterion, Test, accepts};
use picquet_store::findings::{self, Key, Order};
use picquet_store::statistics::{self, By};
use picquet_store::{Limits, Sql, Store, StoreError};
use place::Place;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DETECTOR: &str = "0123456789abcdef0123456789abcdef";

fn store() -> (Place, Store) {
    let place = Place::new();
    let store = place.open().unwrap();
    (place, store)
}

fn write(store: &Store, work: impl FnOnce(&mut dyn Sql) -> Result<(), StoreError>) {
    store.write(work).unwrap();
}

/// A finding made of small numbers, so that many are alike.
fn finding(id: u8, n: [u8; 7]) -> Value {
    let [kind, severity, archived, day, instance, ports, info] = n;
    let time = format!("2026-01-0{}T00:00:0{}.000Z", 1 + day % 3, id % 10);
    let ports: Vec<Value> = (0..ports % 3).map(|p| json!({ "port": 20 + p, "portName": "a_b%c" })).collect();
    let mut finding = json!({
        "id": format!("f{id:03}"), "accountId": if id.is_multiple_of(2) { "111122223333" } else { "444455556666" },
        "region": "us-east-1", "type": format!("Recon:EC2/Kind{}", kind % 3), "severity": f64::from(severity % 4) * 2.5 + 1.0,
        "createdAt": time, "updatedAt": time,
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": format!("i-{}", instance % 3) } },
        "service": {
            "archived": archived.is_multiple_of(2), "count": i64::from(day) + 1, "eventFirstSeen": time, "eventLastSeen": time,
            "action": { "ports": ports },
            "additionalInfo": { "type": "default", "value": json!({ "threatListName": format!("list {}", info % 2) }).to_string() },
        },
    });
    if info.is_multiple_of(5) {
        finding["resource"]["instanceDetails"]["platform"] = "Windows *".into();
    }
    finding
}

fn findings() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(any::<[u8; 7]>(), 0..25)
        .prop_map(|all| all.into_iter().zip(0..).map(|(n, id)| finding(id, n)).collect())
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let attribute = prop::sample::select(vec![
        "id",
        "type",
        "accountId",
        "severity",
        "service.archived",
        "updatedAt",
        "service.count",
        "resource.instanceDetails.instanceId",
        "resource.instanceDetails.platform",
        "service.action.ports.port",
        "service.action.ports.portName",
        "service.additionalInfo.threatListName",
        "no.such.attribute",
        "title",
    ]);
    let text = prop::sample::select(vec![
        "f001",
        "f002",
        "Recon:EC2/Kind1",
        "111122223333",
        "3.5",
        "6",
        "6.0",
        "true",
        "false",
        "i-1",
        "i-2",
        "20",
        "21",
        "a_b%c",
        "list 0",
        "Windows *",
        "2026-01-02T00:00:01.000Z",
        "1767312001000",
        "",
        "*",
        "Recon:*",
        "?-1",
        "a?b%c",
        "a*",
        "*0*",
        "Windows \\*",
        "1.0",
        "6.*",
        "tru?",
    ]);
    let texts = prop::collection::vec(text.prop_map(str::to_owned), 1..4);
    let number = prop::sample::select(vec![-1.0, 0.0, 1.0, 2.0, 3.5, 6.0, 20.0, 21.0, 1_767_312_001_000.0, 9e15]);
    let test = (0..8_u8, texts, number).prop_map(|(kind, texts, number)| match kind {
        0 => Test::In(texts),
        1 => Test::NotIn(texts),
        2 => Test::Greater(number),
        3 => Test::GreaterOrEqual(number),
        4 => Test::Less(number),
        5 => Test::LessOrEqual(number),
        6 => Test::Matches(texts),
        _ => Test::NotMatches(texts),
    });
    let any = (attribute, test).prop_map(|(attribute, test)| Criterion { attribute: attribute.to_owned(), test });
    // Of three random criteria little is left; of these, which a part or most findings meet, something is.
    let text = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let instance = "resource.instanceDetails.instanceId";
    let common = vec![
        ("type", Test::In(text(&["Recon:EC2/Kind0", "Recon:EC2/Kind1"]))),
        ("type", Test::Matches(text(&["Recon:*"]))),
        ("type", Test::NotMatches(text(&["*2"]))),
        ("severity", Test::GreaterOrEqual(3.5)),
        ("severity", Test::Less(8.0)),
        ("service.archived", Test::In(text(&["false"]))),
        ("service.archived", Test::In(text(&["false", "true"]))),
        ("updatedAt", Test::GreaterOrEqual(1_767_312_000_000.0)),
        (instance, Test::In(text(&["i-0", "i-1"]))),
        (instance, Test::Matches(text(&["i-*"]))),
        (instance, Test::NotIn(text(&["i-2"]))),
        ("service.action.ports.port", Test::GreaterOrEqual(20.0)),
        ("service.action.ports.port", Test::In(text(&["20", "21"]))),
        ("service.action.ports.portName", Test::Matches(text(&["a*"]))),
        ("service.additionalInfo.threatListName", Test::In(text(&["list 0"]))),
        ("resource.instanceDetails.platform", Test::NotMatches(text(&["W*"]))),
    ];
    let common =
        prop::sample::select(common).prop_map(|(attribute, test)| Criterion { attribute: attribute.to_owned(), test });
    prop_oneof![1 => any, 2 => common]
}

/// Limits so small that a handful of findings goes every way that a million does, or those that are used.
fn limits() -> impl Strategy<Value = Limits> {
    let windows = prop::sample::select(vec![[0; 4], [1, 2, 3, 4], [400, 800, 3200, 16_000]]);
    let few = || prop::sample::select(vec![-1, -1, -1, 0, 4, 20_000]);
    let size = || prop::sample::select(vec![0, 1, 4, 20_000]);
    (windows, few(), few(), prop::array::uniform4(size())).prop_map(|(windows, few, few_of_all, n)| {
        let [by_number, few_values, sought_values, stride] = n;
        Limits {
            few,
            few_of_all,
            windows,
            by_number,
            stride: stride.max(1),
            merged_types: 64,
            few_values,
            sought_values,
        }
    })
}

fn page(store: &Store, criteria: &[Criterion], order: &Order, most: usize, limits: &Limits) -> Vec<(Key, String)> {
    let list = |sql: &mut dyn Sql| findings::list_within(sql, DETECTOR, criteria, order, most, limits);
    store.read::<_, StoreError>(list).unwrap()
}

/// What the findings of a group have in common.
fn group_of(by: By, finding: &Value) -> Vec<String> {
    let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let severity = || format!("{:?}", finding["severity"].as_f64().unwrap());
    match by {
        By::Account => vec![text("/accountId")],
        By::Date => {
            let seen: jiff::Timestamp = text("/service/eventLastSeen").parse().unwrap();
            vec![seen.as_second().div_euclid(24 * 60 * 60).to_string(), severity()]
        }
        By::Type => vec![text("/type")],
        By::Resource => {
            vec![text("/accountId"), text("/resource/resourceType"), text("/resource/instanceDetails/instanceId")]
        }
        By::Severity => vec![severity()],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_database_accepts_what_plain_code_accepts(
        all in findings(),
        criteria in prop::collection::vec(criterion(), 0..4),
        descending in any::<bool>(),
        by in prop::sample::select(vec![
            "updatedAt", "severity", "id", "type", "accountId", "resource.instanceDetails.instanceId",
            "resource.instanceDetails.platform", "service.action.ports.port",
        ]),
        limits in limits(),
    ) {
        let (_place, store) = store();
        // Another detector has the same findings, none of which must come up.
        write(&store, |sql| {
            let mut put = |detector: &str| all.iter().try_for_each(|f| findings::put(sql, detector, f));
            put("other").and_then(|()| put(DETECTOR))
        });
        let wanted: BTreeSet<&str> =
            all.iter().filter(|f| accepts(&criteria, f)).map(|f| f["id"].as_str().unwrap()).collect();
        let mut order = Order { attribute: by.into(), descending, after: None };
        // In pages, none of which repeats or leaves out a finding.
        let mut listed = Vec::new();
        loop {
            let rows = page(&store, &criteria, &order, 3, &limits);
            if rows.is_empty() {
                break;
            }
            order.after = rows.last().cloned();
            listed.extend(rows);
        }
        let ids: Vec<&str> = listed.iter().map(|(_, id)| id.as_str()).collect();
        prop_assert_eq!(ids.len(), wanted.len());
        prop_assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), wanted, "{:?}", criteria);
        let mut sorted = listed.clone();
        sorted.sort_by(compare);
        if descending {
            sorted.reverse();
        }
        prop_assert_eq!(listed, sorted);
        // Statistics count the same findings, whatever they are grouped by.
        for by in [By::Account, By::Date, By::Type, By::Resource, By::Severity] {
            let mut groups: BTreeMap<Vec<String>, i64> = BTreeMap::new();
            for finding in all.iter().filter(|f| accepts(&criteria, f)) {
                *groups.entry(group_of(by, finding)).or_default() += 1;
            }
            let count = |sql: &mut dyn Sql| statistics::count_within(sql, DETECTOR, &criteria, by, false, 100, &limits);
            let counted = store.read::<_, StoreError>(count).unwrap();
            let counted: BTreeMap<Vec<String>, i64> = counted.into_iter().map(|g| (g.key, g.count)).collect();
            prop_assert_eq!(counted, groups, "{:?} of {:?}", by, criteria);
        }
    }

    #[test]
    fn counts_that_are_kept_are_those_of_the_findings(
        before in findings(),
        after in findings(),
        expired in any::<bool>(),
        archived in prop::option::of(any::<bool>()),
        limits in limits(),
    ) {
        let (_place, store) = store();
        write(&store, |sql| {
            before.iter().chain(&after).try_for_each(|f| findings::put(sql, DETECTOR, f))?;
            if expired {
                findings::expire(sql, 1_767_312_000_000)?;
            }
            Ok(())
        });
        let mut left: BTreeMap<&str, &Value> = BTreeMap::new();
        for finding in before.iter().chain(&after) {
            left.insert(finding["id"].as_str().unwrap(), finding);
        }
        let mut criteria = Vec::new();
        if let Some(archived) = archived {
            let test = Test::In(vec![archived.to_string()]);
            criteria.push(Criterion { attribute: "service.archived".into(), test });
        }
        // A criterion that all findings meet, so that they are counted one by one.
        let mut one_by_one = criteria.clone();
        one_by_one.push(Criterion { attribute: "severity".into(), test: Test::Greater(-1.0) });
        for by in [By::Account, By::Date, By::Type, By::Resource, By::Severity] {
            for ascending in [false, true] {
                let ask = |criteria: &[Criterion]| {
                    store
                        .read::<_, StoreError>(|sql| statistics::count_within(sql, DETECTOR, criteria, by, ascending, 100, &limits))
                        .unwrap()
                        .into_iter()
                        .map(|group| (group.key, group.count))
                        .collect::<Vec<_>>()
                };
                prop_assert_eq!(ask(&criteria), ask(&one_by_one), "{:?}", by);
            }
        }
        let wanted = left
            .values()
            .filter(|f| !expired || f["updatedAt"].as_str().unwrap() >= "2026-01-02T00:00:00.000Z")
            .filter(|f| archived.is_none_or(|a| f["service"]["archived"] == a))
            .count();
        let counted: i64 = store
            .read::<_, StoreError>(|sql| statistics::count(sql, DETECTOR, &criteria, By::Type, false, 100))
            .unwrap()
            .iter()
            .map(|group| group.count)
            .sum();
        prop_assert_eq!(counted, i64::try_from(wanted).unwrap());
    }
}

fn compare(a: &(Key, String), b: &(Key, String)) -> std::cmp::Ordering {
    let keys = match (&a.0, &b.0) {
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        _ => unreachable!("one attribute has one kind of keys"),
    };
    keys.then_with(|| a.1.cmp(&b.1))
}

#[test]
fn a_later_version_is_not_touched() {
    let (place, store) = store();
    write(&store, |sql| sql.execute("UPDATE version SET version = 99", &[]).map(|_| ()));
    drop(store);
    let opened = place.open();
    assert!(matches!(opened, Err(StoreError::TooNew { found: 99, .. })));
}

#[test]
fn what_fails_leaves_nothing() {
    let (_place, store) = store();
    let failed: Result<(), StoreError> = store.write(|sql| {
        findings::put(sql, DETECTOR, &finding(1, [0; 7]))?;
        Err(StoreError::Damaged("on purpose".into()))
    });
    assert!(failed.is_err());
    let order = Order { attribute: "id".into(), descending: false, after: None };
    assert!(page(&store, &[], &order, 10, &Limits::default()).is_empty());
}
