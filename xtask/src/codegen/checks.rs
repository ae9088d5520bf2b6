//! What the model asks of values beyond their types: lengths, sizes, ranges and patterns.

use super::model::{Kind, Model, Shape};
use super::names::{kind, snake};
use super::shapes::Used;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A validator for each structure that operations take.
pub fn validators(model: &Model, used: &Used<'_>) -> Result<String> {
    let mut bodies = String::new();
    let mut patterns = BTreeMap::new();
    for name in &used.taken {
        let shape = model.shape(name)?;
        if shape.kind != Kind::Structure {
            continue;
        }
        let mut body = String::new();
        for (member, of) in &shape.members {
            if !model.is_checked(&of.shape)? {
                continue;
            }
            let wire = of.wire(member);
            let field = format!("self.{}", snake(member));
            if shape.required.contains(member) {
                check(model, &of.shape, &format!("&{field}"), wire, &mut patterns, &mut body)?;
            } else {
                writeln!(body, "if let Some(value) = &{field} {{")?;
                check(model, &of.shape, "value", wire, &mut patterns, &mut body)?;
                writeln!(body, "}}")?;
            }
        }
        let name = kind(name);
        if body.is_empty() {
            writeln!(bodies, "\nimpl Validate for {name} {{}}")?;
        } else {
            writeln!(bodies, "\nimpl Validate for {name} {{\nfn validate(&self) -> Result<(), Invalid> {{")?;
            writeln!(bodies, "{body}Ok(())\n}}\n}}")?;
        }
    }
    let mut out = String::from("use crate::check::{self, Invalid, Pattern, Validate};\nuse crate::generated::*;\n\n");
    for (name, pattern) in patterns {
        writeln!(out, "static {name}: Pattern = Pattern::new({pattern:?});")?;
    }
    Ok(out + &bodies)
}

fn check(
    model: &Model,
    name: &str,
    value: &str,
    wire: &str,
    patterns: &mut BTreeMap<String, String>,
    out: &mut String,
) -> Result<()> {
    if !model.is_checked(name)? {
        return Ok(());
    }
    let shape = model.shape(name)?;
    let bound = |bound: Option<f64>| bound.map_or("None".into(), |b| format!("Some({b})"));
    let Shape { min, max, .. } = shape;
    let bounded = min.is_some() || max.is_some();
    let (least, most) = (bound(*min), bound(*max));
    // A method is called on the place itself.
    let place = value.strip_prefix('&').unwrap_or(value);
    match shape.kind {
        Kind::Structure => writeln!(out, "check::below({wire:?}, {place}.validate())?;")?,
        Kind::String => {
            let value = if shape.sensitive { format!("{place}.expose()") } else { value.to_owned() };
            if bounded {
                writeln!(out, "check::length({wire:?}, {value}, {least}, {most})?;")?;
            }
            // The pattern of ARNs that can be tagged forgets protection plans, which have tags; the handler checks them.
            if let Some(pattern) = shape.pattern.as_ref().filter(|_| name != "GuardDutyArn") {
                let constant = snake(name).to_uppercase();
                writeln!(out, "check::pattern({wire:?}, {value}, &{constant})?;")?;
                patterns.insert(constant, pattern.clone());
            }
        }
        Kind::Integer | Kind::Long | Kind::Double if bounded => {
            let decimal = |b: Option<f64>| b.map_or("None".into(), |b| format!("Some({b:?})"));
            writeln!(out, "check::range({wire:?}, *({value}) as f64, {}, {})?;", decimal(*min), decimal(*max))?;
        }
        Kind::List | Kind::Map => {
            if bounded {
                writeln!(out, "check::size({wire:?}, {place}.len(), {least}, {most})?;")?;
            }
            for (part, each) in [(&shape.member, "item"), (&shape.key, "item"), (&shape.value, "item")] {
                let Some(part) = part else { continue };
                if !model.is_checked(&part.shape)? {
                    continue;
                }
                let iterated = match (shape.kind, part.shape == shape.key.as_ref().map_or("", |k| &k.shape)) {
                    (Kind::List, _) => value.to_owned(),
                    (_, true) => format!("{place}.keys()"),
                    (_, false) => format!("{place}.values()"),
                };
                writeln!(out, "for {each} in {iterated} {{")?;
                check(model, &part.shape, each, wire, patterns, out)?;
                writeln!(out, "}}")?;
            }
        }
        _ => {}
    }
    Ok(())
}
