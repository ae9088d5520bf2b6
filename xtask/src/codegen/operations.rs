//! The table of operations, and the calls of their handlers.

use super::model::{Kind, Model};
use super::names::{kind, snake};
use anyhow::{Result, bail};
use std::fmt::Write;

/// The modules of handlers: an operation belongs to the first of which its name has a part.
const GROUPS: [(&str, &[&str]); 12] = [
    ("members", &["Member", "Invitation", "Administrator", "MasterAccount"]),
    ("organization", &["Organization"]),
    ("rules", &["CustomDetectionRule"]),
    ("filters", &["Filter"]),
    ("findings", &["Finding"]),
    ("sets", &["IPSet", "ThreatIntelSet", "EntitySet"]),
    ("publishing", &["PublishingDestination"]),
    ("usage", &["Usage", "FreeTrial", "Coverage"]),
    ("malware", &["Malware"]),
    ("investigations", &["Investigation"]),
    ("tags", &["TagResource", "TagsForResource", "UntagResource"]),
    ("detectors", &["Detector"]),
];

/// The table.
pub fn table(model: &Model) -> Result<String> {
    let mut out = String::from("use crate::{Query, Route};\n\n");
    let count = model.operations.len();
    writeln!(out, "/// Every operation, in the order of [`Operation`].\npub static ROUTES: [Route; {count}] = [")?;
    for (name, operation) in &model.operations {
        let mut query = String::new();
        if let Some(input) = &operation.input {
            for (member, of) in &model.shape(&input.shape)?.members {
                if of.location.as_deref() == Some("querystring") {
                    let as_what = match model.shape(&of.shape)?.kind {
                        Kind::String => "Text",
                        Kind::Integer => "Number",
                        Kind::List => "List",
                        _ => bail!("{name}: {member} cannot be in a query"),
                    };
                    write!(query, "({:?}, Query::{as_what}), ", of.wire(member))?;
                }
            }
        }
        let errors: Vec<String> = operation.errors.iter().map(|e| format!("{:?}", e.shape)).collect();
        writeln!(
            out,
            "Route {{ operation: Operation::{}, name: {name:?}, method: {:?}, template: {:?}, status: {}, \
             query: &[{query}], errors: &[{}] }},",
            kind(name),
            operation.http.method,
            operation.http.request_uri,
            operation.http.response_code,
            errors.join(", ")
        )?;
    }
    writeln!(out, "];\n\n/// Every operation.")?;
    writeln!(out, "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]\npub enum Operation {{")?;
    for name in model.operations.keys() {
        writeln!(out, "{},", kind(name))?;
    }
    writeln!(out, "}}")?;
    Ok(out)
}

/// Calls the handler of an operation.
pub fn dispatch(model: &Model) -> Result<String> {
    let mut out = String::from(
        "//! Calls the handler of an operation.\n\nuse crate::call::Call;\nuse crate::error::ApiError;\n\
         use crate::handlers::*;\nuse crate::wire::{Reply, input, output};\nuse picquet_api_model::*;\n\
         use serde_json::Value;\n\n/// Parses and validates the input, calls the handler and writes its output.\n\
         pub fn dispatch(operation: Operation, call: &mut Call<'_>, value: Value) -> Result<Reply, ApiError> {\n\
         match operation {\n",
    );
    for (name, operation) in &model.operations {
        let Some((module, _)) = GROUPS.iter().find(|(_, parts)| parts.iter().any(|p| name.contains(p))) else {
            bail!("{name} belongs to no group of handlers");
        };
        let input = if operation.input.is_some() { ", input(value)?" } else { "" };
        writeln!(
            out,
            "Operation::{} => output({module}::{}(call{input})?, {}),",
            kind(name),
            snake(name),
            operation.http.response_code
        )?;
    }
    out += "}\n}\n";
    out += "\n/// Whether an operation takes a client's token; if it does, its input is validated.\n\
            pub fn takes_token(operation: Operation, value: Value) -> Result<bool, ApiError> {\nmatch operation {\n";
    for (name, operation) in &model.operations {
        let Some(input) = &operation.input else { continue };
        if model.shape(&input.shape)?.members.contains_key("ClientToken") {
            writeln!(out, "Operation::{} => input::<{}>(value).map(|_| true),", kind(name), kind(&input.shape))?;
        }
    }
    Ok(out + "_ => Ok(false),\n}\n}\n")
}
