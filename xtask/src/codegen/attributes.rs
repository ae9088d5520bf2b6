//! The paths of a finding's members: what criteria may name.

use super::model::{Kind, Model, OPAQUE};
use anyhow::Result;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A sorted list of all paths that lead to a value, lists looked through.
pub fn paths(model: &Model) -> Result<String> {
    let mut all = BTreeSet::new();
    walk(model, OPAQUE, "", &mut Vec::new(), &mut all)?;
    let mut out = String::from("/// Every path of a finding that leads to a value, lists looked through; sorted.\n");
    writeln!(out, "pub static ATTRIBUTES: [&str; {}] = [", all.len())?;
    for path in all {
        writeln!(out, "{path:?},")?;
    }
    Ok(out + "];\n")
}

fn walk<'m>(
    model: &'m Model,
    name: &'m str,
    path: &str,
    within: &mut Vec<&'m str>,
    all: &mut BTreeSet<String>,
) -> Result<()> {
    let shape = model.shape(name)?;
    match shape.kind {
        // A shape within itself has no end.
        Kind::Structure if within.contains(&name) => {}
        Kind::Structure => {
            within.push(name);
            for (member, of) in &shape.members {
                let dot = if path.is_empty() { "" } else { "." };
                walk(model, &of.shape, &format!("{path}{dot}{}", of.wire(member)), within, all)?;
            }
            within.pop();
        }
        Kind::List | Kind::Map => {
            if let Some(part) = shape.member.as_ref().or(shape.value.as_ref()) {
                walk(model, &part.shape, path, within, all)?;
            }
        }
        _ => {
            all.insert(path.to_owned());
        }
    }
    Ok(())
}
