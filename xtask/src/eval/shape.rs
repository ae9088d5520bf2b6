//! Checks a JSON value against a shape of the service model: types, enums, required members, lengths, and no member
//! that the model does not know, at any depth.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// The service model.
pub struct Model {
    shapes: Map<String, Value>,
}

impl Model {
    /// Reads the model's file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
        let mut model: Value = serde_json::from_str(&text)?;
        let shapes = model.pointer_mut("/shapes").and_then(Value::as_object_mut).map(std::mem::take);
        Ok(Self { shapes: shapes.context("the service model has no shapes")? })
    }

    /// Everything about a value that its shape does not allow.
    pub fn faults(&self, shape: &str, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(shape, value, shape, &mut faults);
        faults
    }

    fn check(&self, name: &str, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(shape) = self.shapes.get(name) else {
            faults.push(format!("{at}: the model has no shape {name}"));
            return;
        };
        let fits = match shape["type"].as_str().unwrap_or_default() {
            "structure" => value.as_object().map(|given| self.structure(shape, given, at, faults)),
            "list" => value.as_array().map(|all| {
                length(shape, all.len(), at, faults);
                let member = shape["member"]["shape"].as_str().unwrap_or_default();
                all.iter().enumerate().for_each(|(i, v)| self.check(member, v, &format!("{at}[{i}]"), faults));
            }),
            "map" => value.as_object().map(|all| {
                let member = shape["value"]["shape"].as_str().unwrap_or_default();
                all.iter().for_each(|(k, v)| self.check(member, v, &format!("{at}.{k}"), faults));
            }),
            "string" => value.as_str().map(|text| {
                length(shape, text.chars().count(), at, faults);
                let allowed = shape["enum"].as_array();
                if allowed.is_some_and(|all| !all.iter().any(|v| v == text)) {
                    faults.push(format!("{at}: {text:?} is not in the enum {name}"));
                }
            }),
            "boolean" => value.as_bool().map(drop),
            "integer" => value.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(drop),
            "long" => value.as_i64().map(drop),
            // The REST-JSON protocol writes a moment as seconds.
            "double" | "timestamp" => value.as_f64().map(drop),
            other => {
                faults.push(format!("{at}: {other} is not known here"));
                Some(())
            }
        };
        if fits.is_none() {
            faults.push(format!("{at}: {value} is no {}", shape["type"].as_str().unwrap_or_default()));
        }
    }

    fn structure(&self, shape: &Value, given: &Map<String, Value>, at: &str, faults: &mut Vec<String>) {
        let none = Map::new();
        let members = shape["members"].as_object().unwrap_or(&none);
        let wire = |name: &str| members[name]["locationName"].as_str().unwrap_or(name).to_owned();
        for (key, value) in given {
            match members.iter().find(|(name, _)| wire(name) == *key) {
                Some((_, member)) => {
                    self.check(member["shape"].as_str().unwrap_or_default(), value, &format!("{at}.{key}"), faults);
                }
                None => faults.push(format!("{at}.{key}: the model has no such member")),
            }
        }
        for name in shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !given.contains_key(&wire(name)) {
                faults.push(format!("{at}.{}: required and missing", wire(name)));
            }
        }
    }
}

fn length(shape: &Value, n: usize, at: &str, faults: &mut Vec<String>) {
    let n = n as u64;
    if shape["min"].as_u64().is_some_and(|min| n < min) || shape["max"].as_u64().is_some_and(|max| n > max) {
        faults.push(format!("{at}: a length of {n} is out of range"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_named() {
        let shapes = json!({
            "Top": {"type": "structure", "required": ["Id"], "members": {
                "Id": {"shape": "Text", "locationName": "id"},
                "Many": {"shape": "Many", "locationName": "many"}}},
            "Text": {"type": "string", "enum": ["a", "b"]},
            "Many": {"type": "list", "member": {"shape": "Count"}},
            "Count": {"type": "integer"},
        });
        let Value::Object(shapes) = shapes else { panic!() };
        let model = Model { shapes };
        assert!(model.faults("Top", &json!({"id": "a", "many": [1, 2]})).is_empty());
        let faults = model.faults("Top", &json!({"many": [1, "x"], "id2": null}));
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert_eq!(model.faults("Top", &json!({"id": "c"})).len(), 1);
    }
}
