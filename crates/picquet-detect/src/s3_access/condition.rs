//! Which strangers a statement's conditions let through.
//!
//! A stranger is a caller whom nobody named: without a signature, or with the credentials of some AWS account. For
//! each condition key it is known whether a stranger's request carries it and which values it can have there (IAM user
//! guide, "AWS global condition context keys": the availability of each). From that follows whether a stranger
//! *can* meet a condition, which decides for Allow, and whether one *must* meet it, which decides for Deny.

use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A set of kinds of strangers.
pub(super) type Kinds = u8;
/// Callers without a signature.
pub(super) const ANONYMOUS: Kinds = 1;
/// Callers with the credentials of any account.
pub(super) const SIGNED: Kinds = 2;
/// Both.
pub(super) const ALL: Kinds = ANONYMOUS | SIGNED;

/// What a stranger's value of a key can be.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    /// Whatever the stranger likes, or something that does not depend on who asks.
    Free,
    /// Always this.
    Is(&'static str),
    /// A value that tells owners apart: never the one of a particular owner.
    Foreign,
}

/// A key in the request of a stranger.
#[derive(Clone, Copy)]
struct Side {
    /// Whether the request can lack the key.
    absent: bool,
    /// The value, where the request can have the key.
    held: Option<Held>,
}

const fn side(absent: bool, held: Held) -> Side {
    Side { absent, held: Some(held) }
}

const NEVER: Side = Side { absent: true, held: None };

/// The key (in lower case) in anonymous and in signed requests. Of a key that is not known, nothing says that it
/// tells owners apart, and S3 takes a policy for public until a key does ("The meaning of public").
fn sides(key: &str) -> [Side; 2] {
    use Held::{Foreign, Free, Is};
    let both = |s| [s, s];
    match key {
        // A request through a VPC endpoint has no source address.
        "aws:sourceip"
        | "aws:sourcevpce"
        | "aws:sourcevpc"
        | "aws:vpceaccount"
        | "aws:vpceorgid"
        | "aws:vpceorgpaths"
        | "aws:ec2instancesourcevpc"
        | "s3:dataaccesspointaccount"
        | "s3:dataaccesspointarn"
        | "s3:x-amz-server-side-encryption-aws-kms-key-id" => both(side(true, Foreign)),
        // Only in requests of AWS services, on behalf of anybody's account.
        "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
            [NEVER, side(true, Foreign)]
        }
        "aws:principalservicename" | "aws:principalservicenameslist" => [NEVER, NEVER],
        "aws:principalisawsservice" => [NEVER, side(false, Is("false"))],
        "aws:viaawsservice" => [side(false, Is("false")), side(false, Free)],
        "aws:principalarn" => [NEVER, side(false, Foreign)],
        "aws:principalaccount" | "aws:userid" => [side(false, Is("anonymous")), side(false, Foreign)],
        "aws:principaltype" => [side(false, Is("Anonymous")), side(false, Free)],
        "aws:principalorgid" | "aws:principalorgpaths" | "aws:federatedprovider" => [NEVER, side(true, Foreign)],
        "aws:username"
        | "aws:tokenissuetime"
        | "aws:multifactorauthpresent"
        | "aws:multifactorauthage"
        | "aws:sourceidentity"
        | "aws:calledvia"
        | "aws:calledviafirst"
        | "aws:calledvialast"
        | "s3:authtype"
        | "s3:signatureage"
        | "s3:signatureversion" => [NEVER, side(true, Free)],
        "aws:securetransport" | "aws:currenttime" | "aws:epochtime" | "aws:requestedregion" => both(side(false, Free)),
        // Anybody can give a principal of their own any tag.
        _ if key.starts_with("aws:principaltag/") => [NEVER, side(true, Free)],
        // Keys of identity providers, such as graph.facebook.com:app_id.
        _ if key.split_once(':').is_some_and(|(p, _)| p.contains('.')) => [NEVER, side(true, Foreign)],
        _ => both(side(true, Free)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    /// Texts, with or without wildcards.
    Text {
        wild: bool,
        fold: bool,
    },
    Ip,
    /// Numbers and dates.
    Order,
    Bool,
    Null,
}

#[derive(Clone, Copy, PartialEq)]
enum Quantifier {
    One,
    ForAny,
    ForAll,
}

/// One operator on one key.
struct Test {
    name: String,
    operator: Operator,
    negated: bool,
    if_exists: bool,
    quantifier: Quantifier,
    values: Vec<String>,
}

impl Test {
    /// `None` where it cannot be understood.
    fn new(name: &str, key: &str, values: &Value) -> Option<Self> {
        let values = strict_texts(values)?;
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::ForAny, rest)
        } else if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::ForAll, rest)
        } else {
            (Quantifier::One, lower.as_str())
        };
        let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |r| (r, true));
        let text = |wild, fold| Operator::Text { wild, fold };
        let (operator, negated) = match rest {
            "stringequals" | "binaryequals" => (text(false, false), false),
            "stringnotequals" => (text(false, false), true),
            "stringequalsignorecase" => (text(false, true), false),
            "stringnotequalsignorecase" => (text(false, true), true),
            "stringlike" | "arnlike" | "arnequals" => (text(true, false), false),
            "stringnotlike" | "arnnotlike" | "arnnotequals" => (text(true, false), true),
            "ipaddress" => (Operator::Ip, false),
            "notipaddress" => (Operator::Ip, true),
            "bool" => (Operator::Bool, false),
            "null" if !if_exists => (Operator::Null, false),
            _ => match rest.strip_prefix("numeric").or_else(|| rest.strip_prefix("date"))? {
                "equals" | "lessthan" | "lessthanequals" | "greaterthan" | "greaterthanequals" => {
                    (Operator::Order, false)
                }
                "notequals" => (Operator::Order, true),
                _ => return None,
            },
        };
        let valid = match operator {
            Operator::Ip => key != "aws:sourceip" || values.iter().all(|v| network(v).is_some()),
            Operator::Bool | Operator::Null => {
                values.iter().all(|v| v.eq_ignore_ascii_case("true") || v.eq_ignore_ascii_case("false"))
            }
            _ => true,
        };
        valid.then_some(Self { name: name.to_owned(), operator, negated, if_exists, quantifier, values })
    }

    /// What it says where the key is absent.
    fn without(&self) -> bool {
        if self.operator == Operator::Null {
            return self.values.iter().any(|v| v.eq_ignore_ascii_case("true"));
        }
        match self.quantifier {
            Quantifier::ForAll => true,
            Quantifier::ForAny => false,
            Quantifier::One => self.negated || self.if_exists,
        }
    }

    /// Whether it can hold, and whether it can fail, where a stranger's request has the key.
    fn with(&self, key: &str, held: Held) -> (bool, bool) {
        if self.operator == Operator::Null {
            let holds = self.values.iter().any(|v| v.eq_ignore_ascii_case("false"));
            return (holds, !holds);
        }
        let any = |f: &dyn Fn(&str) -> bool| self.values.iter().any(|v| f(v));
        let (hit, miss) = match (self.operator, held) {
            _ if self.values.is_empty() => (false, true),
            (_, Held::Is(own)) => {
                let hit = any(&|v| self.equals(v, own));
                (hit, !hit)
            }
            (Operator::Bool, Held::Free) => {
                let both = any(&|v| v.eq_ignore_ascii_case("true")) && any(&|v| v.eq_ignore_ascii_case("false"));
                (true, !both)
            }
            (Operator::Order | Operator::Bool, _) => (true, true),
            (_, Held::Free) => (true, !any(&|v| self.universal(key, v))),
            (_, Held::Foreign) => (any(&|v| self.open(key, v)), !any(&|v| self.universal(key, v))),
        };
        if self.negated { (miss, hit) } else { (hit, miss) }
    }

    fn wild(&self) -> bool {
        matches!(self.operator, Operator::Text { wild: true, .. })
    }

    /// Whether a value of the policy matches this text.
    fn equals(&self, value: &str, own: &str) -> bool {
        match self.operator {
            Operator::Text { wild: true, .. } => super::glob::Glob::default().matches(value.as_bytes(), own.as_bytes()),
            Operator::Text { fold: false, .. } => value == own,
            _ => value.eq_ignore_ascii_case(own),
        }
    }

    /// Whether a value takes everything in.
    fn universal(&self, key: &str, value: &str) -> bool {
        if self.operator == Operator::Ip {
            return key == "aws:sourceip" && network(value).is_some_and(|(_, prefix)| prefix == 0);
        }
        let any_arn = key == "aws:principalarn" && matches!(value, "arn:*" | "arn:aws:*" | "arn:aws:iam::*");
        self.wild() && (any_arn || !value.is_empty() && value.bytes().all(|b| b == b'*'))
    }

    /// Whether a value of a key that tells owners apart leaves the owner open.
    fn open(&self, key: &str, value: &str) -> bool {
        if self.operator == Operator::Ip {
            return network(value).is_some_and(broad);
        }
        if value.contains("${") {
            return true;
        }
        let Some(wildcard) = value.find(['*', '?']).filter(|_| self.wild()) else { return false };
        let fixed = &value[..wildcard];
        if key.ends_with("orgpaths") {
            return fixed.find('/').is_none_or(|end| end == 0);
        }
        match key {
            "aws:sourceip" => !fixed.contains('.') && fixed.matches(':').count() < 2,
            // A role's unique id, then the session.
            "aws:userid" => fixed.find(':').is_none_or(|end| end < 8),
            // arn:partition:service:region:ACCOUNT:resource
            _ if value.starts_with("arn:") => {
                value.split(':').nth(4).is_none_or(|account| account.is_empty() || account.contains(['*', '?']))
            }
            _ => true,
        }
    }
}

/// An address or block.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |p| p.parse().ok()).filter(|p| *p <= most)?;
    Some((address, prefix))
}

/// Whether a block is wider than a network: S3 calls those wider than /8, of IPv6 wider than /32, public.
fn broad((address, prefix): (IpAddr, u8)) -> bool {
    prefix < if address.is_ipv4() { 8 } else { 32 }
}

/// A string, number or Boolean, or a list of them, as texts; `None` where there is anything else.
pub(super) fn strict_texts(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(s) => Some(s.clone()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    };
    match value {
        Value::Array(all) => all.iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    }
}

/// The conditions of a statement, by key.
#[derive(Default)]
pub(super) struct Conditions(BTreeMap<String, Vec<Test>>);

impl Conditions {
    /// `None` where they cannot be understood.
    pub(super) fn new(value: Option<&Value>) -> Option<Self> {
        let mut all = Self::default();
        let Some(value) = value else { return Some(all) };
        for (operator, keys) in value.as_object()? {
            for (key, values) in keys.as_object()? {
                let key = key.to_ascii_lowercase();
                let test = Test::new(operator, &key, values)?;
                all.0.entry(key).or_default().push(test);
            }
        }
        Some(all)
    }

    /// Who of the strangers can meet all conditions.
    pub(super) fn possible(&self) -> Kinds {
        self.0.iter().fold(ALL, |kinds, (key, tests)| kinds & possible(key, tests))
    }

    /// Who of the strangers cannot but meet all conditions.
    pub(super) fn certain(&self) -> Kinds {
        let tests = self.0.iter().flat_map(|(key, tests)| tests.iter().map(move |t| (key, t)));
        tests.fold(ALL, |kinds, (key, test)| {
            let fails =
                |side: &Side| side.absent && !test.without() || side.held.is_some_and(|held| test.with(key, held).1);
            kinds & !mask(sides(key), fails)
        })
    }

    /// Why the conditions restrict no more than they do.
    pub(super) fn explain(&self) -> Vec<String> {
        /// A reader needs the first few.
        const MOST: usize = 4;
        let one = |(key, tests): (&String, &Vec<Test>)| {
            let named: Vec<String> = tests.iter().map(|t| format!("{} {}", t.name, t.values.join(", "))).collect();
            let why = if possible(key, tests) == SIGNED {
                "any AWS account can meet it"
            } else if tests.iter().all(Test::without) {
                "holds where the key is absent"
            } else if sides(key)[0].held == Some(Held::Free) {
                "anybody can meet it"
            } else {
                "takes in values of anybody"
            };
            format!("{key} ({}): {why}", super::policy::short(&named.join(", ")))
        };
        self.0.iter().take(MOST).map(one).collect()
    }
}

/// Who can meet all conditions on one key: they are about one and the same value.
fn possible(key: &str, tests: &[Test]) -> Kinds {
    mask(sides(key), |side| {
        side.absent && tests.iter().all(Test::without)
            || side.held.is_some_and(|held| tests.iter().all(|t| t.with(key, held).0))
    })
}

fn mask([anonymous, signed]: [Side; 2], holds: impl Fn(&Side) -> bool) -> Kinds {
    (if holds(&anonymous) { ANONYMOUS } else { 0 }) | (if holds(&signed) { SIGNED } else { 0 })
}
