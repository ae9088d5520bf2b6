//! Which of our crates may depend on which.

use super::Faults;
use crate::args::root;
use anyhow::{Result, ensure};
use serde_json::Value;
use std::process::Command;

/// A crate, what it may depend on, and what its tests may use besides. The binary may depend on all.
const TABLE: [(&str, &[&str], &[&str]); 16] = [
    ("picquet-model", &[], &[]),
    ("picquet-logs", &["picquet-model"], &[]),
    ("picquet-intel", &["picquet-model"], &[]),
    ("picquet-detect", &["picquet-model", "picquet-logs", "picquet-intel"], &["picquet-engine", "picquet-testkit"]),
    ("picquet-engine", &["picquet-model", "picquet-logs", "picquet-intel", "picquet-detect"], &["picquet-testkit"]),
    ("picquet-report", &["picquet-model"], &[]),
    ("picquet-source", &["picquet-model", "picquet-logs", "picquet-engine"], &[]),
    ("picquet-api-model", &[], &[]),
    ("picquet-store", &[], &[]),
    ("picquet-console", &[], &[]),
    ("picquet-api", &["picquet-model", "picquet-intel", "picquet-api-model", "picquet-console", "picquet-store"], &[]),
    (
        "picquet-watch",
        &[
            "picquet-model",
            "picquet-logs",
            "picquet-detect",
            "picquet-engine",
            "picquet-source",
            "picquet-store",
            "picquet-api",
        ],
        &["picquet-intel", "picquet-testkit"],
    ),
    (
        "picquet-publish",
        &["picquet-model", "picquet-report", "picquet-source", "picquet-store", "picquet-api", "picquet-api-model"],
        &[],
    ),
    ("picquet-feeds", &["picquet-intel", "picquet-source"], &[]),
    ("picquet-testkit", &["picquet-model", "picquet-logs", "picquet-intel", "picquet-detect", "picquet-engine"], &[]),
    ("xtask", &["picquet-model", "picquet-detect", "picquet-engine", "picquet-store", "picquet-testkit"], &[]),
];

/// Holds the workspace against the table.
pub fn check() -> Result<Faults> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output =
        Command::new(cargo).current_dir(root()).args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(faults(&serde_json::from_slice(&output.stdout)?))
}

fn faults(metadata: &Value) -> Faults {
    let mut faults = Faults::new();
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let ours: Vec<String> = packages.iter().map(|p| text(p, "name")).collect();
    for package in packages {
        let name = text(package, "name");
        let row = TABLE.iter().find(|(of, ..)| *of == name);
        if row.is_none() && name != "picquet" {
            faults.push(format!("{name}: a crate that is not in the table of edges (xtask/src/tidy/edges.rs)"));
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = text(dependency, "name");
            if !ours.contains(&on) {
                continue;
            }
            let in_tests = dependency["kind"] == "dev";
            let fits = match row {
                Some((_, may, tests)) => may.contains(&on.as_str()) || in_tests && tests.contains(&on.as_str()),
                None => on != "picquet-testkit" || in_tests,
            };
            if !fits {
                faults.push(format!("{name}: may not depend on {on}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_edge_against_the_flow_is_a_fault() {
        let with = |on: &str, kind: Value| {
            faults(&json!({"packages": [
                {"name": "picquet-detect", "dependencies": [{"name": on, "kind": kind}, {"name": "serde", "kind": null}]},
                {"name": "picquet-engine", "dependencies": []},
                {"name": "picquet-logs", "dependencies": []},
            ]}))
            .len()
        };
        assert_eq!(with("picquet-logs", Value::Null), 0);
        assert_eq!(with("picquet-engine", Value::Null), 1);
        assert_eq!(with("picquet-engine", json!("dev")), 0);
    }
}
