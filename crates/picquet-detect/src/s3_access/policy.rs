//! Bucket policies.

use super::actions::{self, BUCKET, OBJECT, READ, WRITE};
use super::condition::{ALL, ANONYMOUS, Conditions, Kinds, SIGNED, strict_texts};
use super::glob::Glob;
use super::{Access, Audience, Grants};
use serde_json::Value;

/// What a policy grants beyond named principals. `None` where it cannot be told: it is no policy, a Deny in it is
/// not understood, or it is far larger than S3 would take. An Allow that is not understood grants nothing.
pub fn grants(policy: &Value, bucket: &str) -> Option<Grants> {
    let all: Vec<&Value> = match member(policy, "Statement")? {
        Value::Array(all) => all.iter().collect(),
        one @ Value::Object(_) => vec![one],
        _ => return None,
    };
    let glob = Glob::default();
    let (mut allows, mut denies) = (Vec::new(), Vec::new());
    for (i, statement) in all.iter().enumerate() {
        let effect = member(statement, "Effect")?.as_str()?;
        match (effect, Statement::new(statement, bucket, &glob)) {
            ("Allow", Some(mut allow)) => {
                allow.kinds &= allow.conditions.possible();
                allows.push((i, *statement, allow));
            }
            ("Allow", None) => {}
            ("Deny", Some(mut deny)) => {
                deny.kinds &= deny.conditions.certain();
                denies.push(deny);
            }
            _ => return None,
        }
        if glob.spent() {
            return None;
        }
    }
    let mut grants = Grants::default();
    for (i, statement, allow) in allows {
        let (anonymous, signed) = (allow.access(ANONYMOUS, &denies, &glob), allow.access(SIGNED, &denies, &glob));
        if glob.spent() {
            // What was found before stands.
            return grants.public().any().then_some(grants);
        }
        // Whoever needs no signature may sign.
        let (audience, most) =
            if anonymous.any() { (Audience::Everybody, anonymous) } else { (Audience::AnyUser, signed) };
        if !most.any() {
            continue;
        }
        grants.add(audience, most, reason(i, statement, &allow.conditions));
        grants.any_user.add(signed);
    }
    Some(grants)
}

/// Shortens a part of an explanation.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Which statement it is, what it grants to whom, and why its conditions do not keep strangers out.
fn reason(i: usize, statement: &Value, conditions: &Conditions) -> String {
    let sid = member(statement, "Sid").and_then(Value::as_str).filter(|s| !s.is_empty());
    let mut text = sid.map_or_else(|| format!("statement {}", i + 1), |sid| format!("statement '{}'", short(sid)));
    text += " allows";
    for name in ["Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"] {
        if let Some(value) = member(statement, name) {
            let value = strict_texts(value).map_or_else(|| value.to_string(), |texts| texts.join(", "));
            text += &format!(" {name} {}", short(&value));
        }
    }
    let conditions = conditions.explain();
    if !conditions.is_empty() {
        text += &format!(" although {}", conditions.join(", "));
    }
    text
}

/// A member by its name in any case: CloudTrail has it as it was sent. `None` too where there are several.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut found = value.as_object()?.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

struct Statement {
    /// The strangers that its principal takes in.
    kinds: Kinds,
    actions: actions::Set,
    resources: Resources,
    conditions: Conditions,
}

impl Statement {
    /// `None` where it is not understood.
    fn new(statement: &Value, bucket: &str, glob: &Glob) -> Option<Self> {
        let either = |name: &str, not: &str| match (member(statement, name), member(statement, not)) {
            (Some(value), None) => Some((value, true)),
            (None, Some(value)) => Some((value, false)),
            _ => None,
        };
        let kinds = match either("Principal", "NotPrincipal")? {
            (principal, true) => strangers(principal)?,
            // Everybody but some, which is nobody only where it leaves everybody out.
            (principal, false) => ALL & !strangers(principal)?,
        };
        let (patterns, with) = either("Action", "NotAction")?;
        let named = actions::matching(&strict_texts(patterns)?, glob);
        let (patterns, within) = either("Resource", "NotResource")?;
        Some(Self {
            kinds,
            actions: if with { named } else { (BUCKET | OBJECT) & !named },
            resources: Resources::new(&strict_texts(patterns)?, within, bucket, glob),
            conditions: Conditions::new(member(statement, "Condition"))?,
        })
    }

    /// What it gives to strangers of one kind, after what is denied to them.
    fn access(&self, kind: Kinds, denies: &[Statement], glob: &Glob) -> Access {
        if self.kinds & kind == 0 {
            return Access::default();
        }
        let denied = |covers: &dyn Fn(&Resources) -> bool| {
            denies.iter().filter(|d| d.kinds & kind != 0 && covers(&d.resources)).fold(0, |set, d| set | d.actions)
        };
        let mut left = 0;
        if self.resources.bucket {
            left |= self.actions & BUCKET & !denied(&|r| r.bucket);
        }
        for granted in self.resources.granted(kind) {
            if self.actions & OBJECT & !left == 0 || glob.spent() {
                break;
            }
            left |= self.actions & OBJECT & !denied(&|r| r.covers(granted, glob));
        }
        Access { read: left & READ != 0, write: left & WRITE != 0 }
    }
}

/// The strangers among principals. In a bucket's policy `"*"` and `{"AWS": "*"}` both mean everybody; users of a
/// public identity provider, such as `graph.facebook.com`, S3 calls public as well.
fn strangers(principal: &Value) -> Option<Kinds> {
    let kinds = match principal {
        Value::String(s) => return Some(if s == "*" { ALL } else { 0 }),
        Value::Object(kinds) => kinds,
        _ => return None,
    };
    let mut all = 0;
    for (kind, who) in kinds {
        for who in strict_texts(who)? {
            all |= match kind.to_ascii_lowercase().as_str() {
                "aws" | "*" if who == "*" => ALL,
                "federated" if !who.starts_with("arn:") => SIGNED,
                _ => 0,
            };
        }
    }
    Some(all)
}

/// The part of a bucket that a statement is about.
struct Resources {
    /// The bucket itself.
    bucket: bool,
    /// Whether the patterns say what is taken in; otherwise they say what is left out.
    within: bool,
    /// Patterns that reach into the bucket's objects.
    patterns: Vec<Vec<u8>>,
    /// Patterns with a variable, which stands for something in signed requests only.
    variable: Vec<Vec<u8>>,
    /// All of the bucket's objects, as a pattern.
    objects: Vec<u8>,
    /// Whether one of the patterns takes in all objects.
    whole: bool,
}

impl Resources {
    fn new(texts: &[String], within: bool, bucket: &str, glob: &Glob) -> Self {
        // The partition is the one that the policy writes: S3 takes no other.
        let partition =
            texts.iter().filter_map(|t| t.split(':').nth(1)).find(|p| p.starts_with("aws") && !p.contains('*'));
        let arn = format!("arn:{}:s3:::{bucket}", partition.unwrap_or("aws"));
        let prefix = format!("{arn}/");
        let objects = format!("{prefix}*").into_bytes();
        let mut all = Self { bucket: false, within, patterns: Vec::new(), variable: Vec::new(), objects, whole: false };
        for text in texts {
            let (pattern, variable) = expand(text);
            let pattern = pattern.as_bytes();
            all.bucket |= !variable && glob.matches(pattern, arn.as_bytes());
            if !glob.reaches_into(pattern, prefix.as_bytes()) {
                continue;
            }
            let whole = !variable && glob.matches(pattern, &all.objects);
            all.whole |= whole;
            let list = if variable { &mut all.variable } else { &mut all.patterns };
            list.push(if whole { all.objects.clone() } else { pattern.to_vec() });
        }
        all.bucket ^= !within;
        all
    }

    /// What an Allow reaches of the objects, for one kind of strangers.
    fn granted(&self, kind: Kinds) -> Vec<&[u8]> {
        match (self.within, self.whole) {
            (false, true) => Vec::new(),
            (true, true) | (false, false) => vec![&self.objects],
            (true, false) => {
                let variable = self.variable.iter().filter(|_| kind == SIGNED);
                self.patterns.iter().chain(variable).map(Vec::as_slice).collect()
            }
        }
    }

    /// Whether a Deny takes in all of a pattern of objects.
    fn covers(&self, granted: &[u8], glob: &Glob) -> bool {
        if self.within {
            return self.whole || self.patterns.iter().any(|p| !glob.spent() && glob.matches(p, granted));
        }
        // Patterns whose beginnings differ have nothing in common.
        let fixed = |p: &[u8]| p.iter().position(|b| matches!(b, b'*' | b'?')).unwrap_or(p.len());
        let apart = |p: &[u8]| {
            let common = fixed(p).min(fixed(granted));
            p[..common] != granted[..common]
        };
        self.patterns.iter().chain(&self.variable).all(|p| apart(p))
    }
}

/// A pattern with its policy variables as wildcards, and whether there are any. `${*}`, `${?}` and `${$}` are
/// characters.
fn expand(text: &str) -> (String, bool) {
    let (mut out, mut rest, mut variable) = (String::with_capacity(text.len()), text, false);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        out += before;
        let character = matches!(name, "*" | "?" | "$");
        out += if character { "?" } else { "*" };
        variable |= !character;
        rest = tail;
    }
    (out + rest, variable)
}

#[cfg(test)]
#[path = "policy_cases.rs"]
mod cases;
