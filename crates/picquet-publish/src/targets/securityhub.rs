//! AWS Security Hub's `BatchImportFindings` (Security Hub API reference: up to 100 findings of one account and region).

use super::{Outcome, Refused, all};
use crate::item::Item;
use picquet_source::aws::post::{Post, Service};
use serde_json::{Value, json};

/// Findings of one call.
const FINDINGS: usize = 100;

/// A Security Hub.
pub struct Hub {
    service: Service,
}

impl Hub {
    /// That of a region.
    pub const fn new(service: Service) -> Self {
        Self { service }
    }

    pub(super) async fn send(&self, items: &[Item]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(items.len());
        for some in items.chunks(FINDINGS) {
            outcomes.extend(self.import(some).await);
        }
        outcomes
    }

    async fn import(&self, items: &[Item]) -> Vec<Outcome> {
        let findings: Vec<Option<Value>> = items.iter().map(Item::asff).collect();
        let body = json!({ "Findings": findings.iter().flatten().collect::<Vec<_>>() }).to_string();
        let post = Post { path: "/findings/import", target: None, kind: "application/json", body };
        let answer = match self.service.post(post).await {
            Ok(answer) => answer,
            Err(e) => return all(items, Refused::now(e)),
        };
        let said: Value = serde_json::from_str(&answer).unwrap_or_default();
        let failed = said.get("FailedFindings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        findings.iter().map(|finding| outcome(finding.as_ref(), failed)).collect()
    }
}

fn outcome(finding: Option<&Value>, failed: &[Value]) -> Outcome {
    let Some(finding) = finding else { return Err(Refused::item("it has no ASFF form")) };
    let Some(of) = failed.iter().find(|failure| failure["Id"] == finding["Id"]) else { return Ok(()) };
    let text = |name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let why = format!("{}: {}", text("ErrorCode"), text("ErrorMessage"));
    if text("ErrorCode") == "InternalException" { Err(Refused::now(why)) } else { Err(Refused::item(why)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_as_failed_failed() {
        let failed = [json!({ "Id": "b", "ErrorCode": "InvalidInput", "ErrorMessage": "m" })];
        assert_eq!(outcome(Some(&json!({ "Id": "a" })), &failed), Ok(()));
        assert_eq!(outcome(Some(&json!({ "Id": "b" })), &failed), Err(Refused::item("InvalidInput: m")));
    }
}
