//! The account's password policy is weakened.

use crate::Signal;
use crate::detectors::{Meta, raised};
use crate::event::ApiEvent;
use crate::facts::key::KeyRef;
use crate::facts::policy::{AWS_DEFAULT, PasswordPolicy, PolicyChange, PolicyFacts};
use crate::facts::signal::{Detail, Role};
use crate::facts::{Class, Fact, FactKey};
use crate::judge::{Context, Judge};
use crate::reduce::FactMap;
use picquet_logs::json::Raw;
use picquet_model::{Explanation, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "password-policy-change",
    types: &["Stealth:IAMUser/PasswordPolicyChange"],
    source: Source::Cloudtrail,
    detects: "The account's password policy is weakened or deleted; attempts count.",
    decides: "Each change is held against the last known policy. Low: it weakened in a way that still asks for eight \
              characters and drops no kind of character, or the earlier policy is not known and the new one is weak \
              in itself. Medium: fewer than eight characters, or one or two kinds of character less. High: the \
              policy is deleted, or both short and two kinds less, or three kinds less.",
    benign: "A move to single sign-on, after which IAM passwords no longer matter.",
};

/// Collects changes, since each is judged against the one before: those outside of the time that is looked at, too.
pub(crate) fn learn(event: &ApiEvent<'_>, out: &mut FactMap) {
    let policy = (event.record.event_name == "UpdateAccountPasswordPolicy").then(|| requested(event));
    let change = PolicyChange { policy, succeeded: event.succeeded(), call: event.detail() };
    let mut fact = PolicyFacts::default();
    fact.changes.insert((event.record.time, event.hash()), change);
    // Every region's detector sees the change: the region is where it was recorded.
    let key =
        KeyRef { account: event.account, hour: 0, class: Class::PasswordPolicy, region: event.region, entity: "" };
    out.merge(key, Fact::PasswordPolicy(fact));
}

/// What a request asks for. What it leaves out goes to AWS's defaults for a custom policy (IAM API reference,
/// UpdateAccountPasswordPolicy).
fn requested(event: &ApiEvent<'_>) -> PasswordPolicy {
    let member = |name: &str| event.record.request.and_then(|r| r.member(name));
    let flag = |name: &str| member(name).and_then(Raw::boolean).unwrap_or(false);
    let number = |name: &str| {
        member(name).and_then(|m| std::str::from_utf8(m.bytes()).ok()?.trim_matches('"').parse::<u32>().ok())
    };
    PasswordPolicy {
        minimum_length: number("minimumPasswordLength").unwrap_or(6),
        symbols: flag("requireSymbols"),
        numbers: flag("requireNumbers"),
        uppercase: flag("requireUppercaseCharacters"),
        lowercase: flag("requireLowercaseCharacters"),
        reuse_prevention: number("passwordReusePrevention").unwrap_or(0),
        max_age: number("maxPasswordAge").unwrap_or(0),
    }
}

/// One rule: its name, what it is and what it was.
type Weakened = (&'static str, String, String);

/// How much weaker a policy is: severity and what changed. `None` when it is not.
fn weakening(old: Option<&PasswordPolicy>, new: Option<&PasswordPolicy>) -> Option<(u8, Vec<Weakened>)> {
    let kinds = |p: &PasswordPolicy| {
        [
            ("symbols", p.symbols),
            ("numbers", p.numbers),
            ("upper-case letters", p.uppercase),
            ("lower-case letters", p.lowercase),
        ]
    };
    let Some(new) = new else {
        // Deleted. Nothing is lost where the policy was AWS's default already.
        return (old != Some(&AWS_DEFAULT)).then(|| (80, vec![("policy", "deleted".into(), "set".into())]));
    };
    let mut changes = Vec::new();
    let Some(old) = old else {
        let short = new.minimum_length < AWS_DEFAULT.minimum_length;
        if short {
            changes.push(("minimum length", new.minimum_length.to_string(), AWS_DEFAULT.minimum_length.to_string()));
        }
        changes.extend(
            kinds(new)
                .into_iter()
                .filter(|(_, on)| !on)
                .map(|(name, _)| (name, "not required".into(), "unknown".into())),
        );
        return (!changes.is_empty()).then_some((20, changes));
    };
    let lost =
        kinds(old).into_iter().zip(kinds(new)).filter(|((_, was), (_, is))| *was && !*is).map(|((name, _), _)| name);
    let lost: Vec<&'static str> = lost.collect();
    changes.extend(lost.iter().map(|name| (*name, "not required".to_owned(), "required".to_owned())));
    let shorter = new.minimum_length < old.minimum_length;
    if shorter {
        changes.push(("minimum length", new.minimum_length.to_string(), old.minimum_length.to_string()));
    }
    if new.reuse_prevention < old.reuse_prevention {
        changes.push(("earlier passwords refused", new.reuse_prevention.to_string(), old.reuse_prevention.to_string()));
    }
    let longer_life = old.max_age != 0 && (new.max_age == 0 || new.max_age > old.max_age);
    if longer_life {
        changes.push(("days until expiry", never(new.max_age), never(old.max_age)));
    }
    if changes.is_empty() {
        return None;
    }
    let short = shorter && new.minimum_length < AWS_DEFAULT.minimum_length;
    let severity = match (lost.len(), short) {
        (3.., _) | (2, true) => 80,
        (1 | 2, _) | (0, true) => 50,
        (0, false) => 20,
    };
    Some((severity, changes))
}

fn never(days: u32) -> String {
    if days == 0 { "never".into() } else { days.to_string() }
}

/// Judges each change against the last known policy.
pub struct PolicyJudge;

impl Judge for PolicyJudge {
    fn class(&self) -> Class {
        Class::PasswordPolicy
    }

    fn fact(&mut self, key: &FactKey, fact: &Fact, cx: &Context<'_>, out: &mut Vec<Signal>) {
        let (Fact::PasswordPolicy(history), Some(finding_type)) = (fact, raised(cx.env, META.types[0])) else { return };
        let mut known: Option<PasswordPolicy> = None;
        let mut earlier = history.known.as_ref();
        for (&(time, hash), change) in &history.changes {
            if let Some(set) = earlier.take_if(|set| (set.time, set.hash) < (time, hash)) {
                known = Some(set.value.clone());
            }
            if let Some((severity_tenths, changes)) = weakening(known.as_ref(), change.policy.as_ref()) {
                let mut explanation = Explanation::new(match (&change.policy, change.succeeded) {
                    (Some(_), true) => "The account's password policy was weakened.",
                    (Some(_), false) => "An attempt was made to weaken the account's password policy.",
                    (None, true) => "The account's password policy was deleted.",
                    (None, false) => "An attempt was made to delete the account's password policy.",
                });
                for (name, is, was) in changes {
                    explanation = explanation.compare(name, is, was);
                }
                out.push(Signal {
                    finding_type,
                    detector: META.name.into(),
                    role: Role::Target,
                    severity_tenths,
                    account: key.account.clone(),
                    region: key.region.clone(),
                    global: true,
                    key: vec![change.call.principal.clone(), change.call.api.clone()],
                    count: 1,
                    first: time,
                    last: time,
                    hash,
                    detail: Detail::Api(change.call.clone()),
                    lists: BTreeSet::new(),
                    apis: BTreeMap::from([(change.call.api.clone(), 1)]),
                    extra: BTreeMap::new(),
                    explanation,
                });
            }
            if change.succeeded {
                known = Some(change.policy.clone().unwrap_or(AWS_DEFAULT));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: PasswordPolicy = PasswordPolicy {
        minimum_length: 14,
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        reuse_prevention: 24,
        max_age: 90,
    };

    #[test]
    fn severity_follows_how_much_it_weakened() {
        let with = |f: fn(&mut PasswordPolicy)| {
            let mut p = STRONG;
            f(&mut p);
            p
        };
        for (new, want) in [
            (Some(STRONG), None),
            (Some(with(|p| p.minimum_length = 20)), None),
            (Some(with(|p| p.minimum_length = 12)), Some(20)),
            (Some(with(|p| p.max_age = 0)), Some(20)),
            (Some(with(|p| p.reuse_prevention = 1)), Some(20)),
            (Some(with(|p| p.minimum_length = 6)), Some(50)),
            (Some(with(|p| p.symbols = false)), Some(50)),
            (Some(with(|p| (p.symbols, p.numbers, p.uppercase) = (false, false, false))), Some(80)),
            (None, Some(80)),
        ] {
            assert_eq!(weakening(Some(&STRONG), new.as_ref()).map(|(s, _)| s), want, "{new:?}");
        }
        assert_eq!(weakening(None, Some(&STRONG)), None);
        assert_eq!(weakening(None, Some(&AWS_DEFAULT)).map(|(s, _)| s), Some(20));
        assert_eq!(weakening(Some(&AWS_DEFAULT), None), None);
    }
}
