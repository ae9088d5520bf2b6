//! An identity gives itself a policy that allows everything. A type that GuardDuty has retired.

use crate::Env;
use crate::detectors::{ApiRule, Meta, raised};
use crate::event::ApiEvent;
use crate::reduce::{ApiSignal, FactMap};
use picquet_model::{Explanation, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What there is to say about it.
pub static META: Meta = Meta {
    name: "administrative-permissions",
    types: &["PrivilegeEscalation:IAMUser/AdministrativePermissions"],
    source: Source::Cloudtrail,
    detects: "An identity attaches to itself a policy that allows every action on every resource.",
    decides: "Attach... of a managed policy named AdministratorAccess or IAMFullAccess, or Put... of an inline \
              policy that allows '*' on '*', where the target is the caller's own user or role. Attempts count; \
              severity is medium when it succeeded.",
    benign: "An administrator of a small account who arranges their own rights.",
};

/// The rule.
pub struct Rule;

const IAM: &str = "iam.amazonaws.com";

impl ApiRule for Rule {
    fn apis(&self) -> &'static [(&'static str, &'static str)] {
        &[(IAM, "AttachUserPolicy"), (IAM, "AttachRolePolicy"), (IAM, "PutUserPolicy"), (IAM, "PutRolePolicy")]
    }

    fn inspect(&self, event: &ApiEvent<'_>, env: &Env, out: &mut FactMap) {
        let Some(finding_type) = raised(env, META.types[0]) else { return };
        let api = event.record.event_name.as_ref();
        let target = event.parameter(if api.contains("User") { "userName" } else { "roleName" });
        let own = target.is_some_and(|t| t == event.user_name());
        let policy = event.parameter("policyArn");
        let administrative = match &policy {
            Some(arn) => arn.ends_with(":policy/AdministratorAccess") || arn.ends_with(":policy/IAMFullAccess"),
            None => event.parameter("policyDocument").is_some_and(|d| allows_everything(&d)),
        };
        if !own || !administrative {
            return;
        }
        let signal = ApiSignal {
            finding_type,
            detector: META.name,
            severity_tenths: if event.succeeded() { 50 } else { 20 },
            key: &[event.principal(), api],
            lists: BTreeSet::new(),
            extra: policy.iter().map(|arn| ("policyArn".to_owned(), arn.to_string())).collect::<BTreeMap<_, _>>(),
        };
        out.api_signal(
            event,
            signal,
            |_| {},
            || {
                Explanation::new(format!("{api} gave the caller's own identity every permission."))
                    .observe("succeeded", if event.succeeded() { "yes" } else { "no" })
            },
        );
    }
}

/// Whether a policy document has an unconditional statement that allows every action on every resource.
fn allows_everything(document: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(document) else { return false };
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let star = |v: &Value| match v {
        Value::String(s) => s == "*" || s == "*:*",
        Value::Array(all) => all.iter().any(|s| s == "*" || s == "*:*"),
        _ => false,
    };
    statements
        .iter()
        .any(|s| s["Effect"] == "Allow" && star(&s["Action"]) && star(&s["Resource"]) && s["Condition"].is_null())
}
