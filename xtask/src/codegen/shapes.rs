//! Structures and enumerations.

use super::model::{Kind, Model, OPAQUE, Reference, Shape};
use super::names::{kind, snake, variant};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What operations take and give: each set with all shapes that it leads to.
pub struct Used<'m> {
    pub taken: BTreeSet<&'m str>,
    pub given: BTreeSet<&'m str>,
}

impl<'m> Used<'m> {
    /// By all operations.
    pub fn of(model: &'m Model) -> Result<Self> {
        Ok(Self {
            taken: model.reach(model.operations.values().filter_map(|o| o.input.as_ref()))?,
            given: model.reach(model.operations.values().filter_map(|o| o.output.as_ref()))?,
        })
    }

    fn all(&self) -> BTreeSet<&'m str> {
        self.taken.union(&self.given).copied().collect()
    }
}

/// The type of a shape's values.
pub fn rust_type(model: &Model, name: &str) -> Result<String> {
    if name == OPAQUE {
        return Ok("Box<RawValue>".into());
    }
    let shape = model.shape(name)?;
    let part = |part: &Option<Reference>| {
        let part = part.as_ref().with_context(|| format!("{name} has no element"))?;
        rust_type(model, &part.shape)
    };
    Ok(match shape.kind {
        Kind::Structure => kind(name),
        Kind::List => format!("Vec<{}>", part(&shape.member)?),
        Kind::Map => format!("BTreeMap<{}, {}>", part(&shape.key)?, part(&shape.value)?),
        Kind::String if !shape.values.is_empty() => kind(name),
        Kind::String if shape.sensitive => "Sensitive".into(),
        Kind::String => "String".into(),
        Kind::Integer => "i32".into(),
        Kind::Long => "i64".into(),
        Kind::Double => "f64".into(),
        Kind::Boolean => "bool".into(),
        Kind::Timestamp => "Timestamp".into(),
    })
}

/// The enumerations.
pub fn enums(model: &Model, used: &Used<'_>) -> Result<String> {
    let mut out = String::from("use serde::{Deserialize, Serialize};\n");
    for name in used.all() {
        let shape = model.shape(name)?;
        if shape.values.is_empty() {
            continue;
        }
        let variants: Vec<String> = shape.values.iter().map(|v| variant(v)).collect();
        let distinct: BTreeSet<&String> = variants.iter().collect();
        ensure!(distinct.len() == variants.len(), "{name}: two values have one name");
        let name = kind(name);
        writeln!(out, "\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]")?;
        writeln!(out, "pub enum {name} {{")?;
        for (value, variant) in shape.values.iter().zip(&variants) {
            if value != variant {
                writeln!(out, "    #[serde(rename = {value:?})]")?;
            }
            writeln!(out, "    {variant},")?;
        }
        writeln!(out, "}}\n\nimpl {name} {{\n    pub const ALL: &[Self] = &[")?;
        for variant in &variants {
            writeln!(out, "        Self::{variant},")?;
        }
        writeln!(out, "    ];\n\n    pub const fn as_str(self) -> &'static str {{\n        match self {{")?;
        for (value, variant) in shape.values.iter().zip(&variants) {
            writeln!(out, "            Self::{variant} => {value:?},")?;
        }
        writeln!(out, "        }}\n    }}\n}}")?;
    }
    Ok(out)
}

/// The structures: those that operations take, and those that they only give.
pub fn structures(model: &Model, used: &Used<'_>, taken: bool) -> Result<String> {
    let mut out = String::from("use crate::{Sensitive, Timestamp, generated::*};\nuse std::collections::BTreeMap;\n");
    out += if taken {
        "use serde::{Deserialize, Serialize};\n"
    } else {
        "use serde::Serialize;\nuse serde_json::value::RawValue;\n"
    };
    for name in used.all() {
        let shape = model.shape(name)?;
        if shape.kind != Kind::Structure || name == OPAQUE || used.taken.contains(name) != taken {
            continue;
        }
        structure(model, used, name, shape, &mut out)?;
    }
    Ok(out)
}

fn structure(model: &Model, used: &Used<'_>, name: &str, shape: &Shape, out: &mut String) -> Result<()> {
    let mut derives = vec!["Clone", "Debug"];
    if has_default(model, name)? {
        derives.push("Default");
    }
    if used.given.contains(name) || !name.ends_with("Request") {
        derives.push("Serialize");
    }
    if used.taken.contains(name) {
        derives.push("Deserialize");
    }
    writeln!(out, "\n#[derive({})]\npub struct {} {{", derives.join(", "), kind(name))?;
    for (member, of) in &shape.members {
        let mut of_type = rust_type(model, &of.shape)?;
        let field = snake(member);
        let mut serde = Vec::new();
        if of.wire(member) != field {
            serde.push(format!("rename = {:?}", of.wire(member)));
        }
        if leads_to(model, &of.shape, name)? {
            of_type = format!("Box<{of_type}>");
        }
        if !shape.required.contains(member) {
            of_type = format!("Option<{of_type}>");
            if derives.contains(&"Serialize") {
                serde.push("skip_serializing_if = \"Option::is_none\"".into());
            }
        }
        if !serde.is_empty() {
            writeln!(out, "    #[serde({})]", serde.join(", "))?;
        }
        writeln!(out, "    pub {field}: {of_type},")?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

/// Whether a structure holds another one, or itself, without a list or a map between them.
fn leads_to(model: &Model, from: &str, to: &str) -> Result<bool> {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        let shape = model.shape(next)?;
        if shape.kind != Kind::Structure || !seen.insert(next) {
            continue;
        }
        if next == to {
            return Ok(true);
        }
        open.extend(shape.members.values().map(|m| m.shape.as_str()));
    }
    Ok(false)
}

/// Whether the type has a default: enumerations have none.
fn has_default(model: &Model, name: &str) -> Result<bool> {
    let shape = model.shape(name)?;
    for member in &shape.required {
        let of = shape.members.get(member).with_context(|| format!("{name} requires {member}, which it has not"))?;
        let part = model.shape(&of.shape)?;
        let has = match part.kind {
            _ if of.shape == OPAQUE => false,
            Kind::Structure => has_default(model, &of.shape)?,
            _ => part.values.is_empty(),
        };
        if !has {
            return Ok(false);
        }
    }
    Ok(true)
}
