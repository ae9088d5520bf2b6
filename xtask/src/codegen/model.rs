//! The service model as it is written: shapes and operations by name.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The model.
#[derive(Deserialize)]
pub struct Model {
    pub operations: BTreeMap<String, Operation>,
    pub shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Deserialize)]
pub struct Operation {
    pub http: Http,
    pub input: Option<Reference>,
    pub output: Option<Reference>,
    #[serde(default)]
    pub errors: Vec<Reference>,
}

/// How it is called.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Http {
    pub method: String,
    pub request_uri: String,
    pub response_code: u16,
}

/// The use of a shape, as a member or an element.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub shape: String,
    pub location: Option<String>,
    pub location_name: Option<String>,
}

/// One shape.
#[derive(Deserialize)]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub members: BTreeMap<String, Reference>,
    #[serde(default)]
    pub required: BTreeSet<String>,
    pub member: Option<Reference>,
    pub key: Option<Reference>,
    pub value: Option<Reference>,
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub pattern: Option<String>,
    #[serde(default)]
    pub sensitive: bool,
}

/// What kind of shape.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Timestamp,
}

/// Findings are kept and sent as JSON; their parts need no types of their own here.
pub const OPAQUE: &str = "Finding";

impl Model {
    /// Reads it.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("the service model")
    }

    /// A shape that the model names.
    pub fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("the model has no shape {name}"))
    }

    /// All shapes that these lead to, themselves too.
    pub fn reach<'a>(&'a self, roots: impl Iterator<Item = &'a Reference>) -> Result<BTreeSet<&'a str>> {
        let mut open: Vec<&Reference> = roots.collect();
        let mut all = BTreeSet::new();
        while let Some(next) = open.pop() {
            if !all.insert(next.shape.as_str()) || next.shape == OPAQUE {
                continue;
            }
            let shape = self.shape(&next.shape)?;
            open.extend(shape.members.values());
            open.extend([&shape.member, &shape.key, &shape.value].into_iter().flatten());
        }
        Ok(all)
    }

    /// Whether anything is asked of values of a shape that its type does not say already.
    pub fn is_checked(&self, name: &str) -> Result<bool> {
        let mut open = vec![name];
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let shape = self.shape(name)?;
            // The values of an enumeration are what they are.
            if shape.values.is_empty() && (shape.min.is_some() || shape.max.is_some() || shape.pattern.is_some()) {
                return Ok(true);
            }
            open.extend(shape.members.values().map(|m| m.shape.as_str()));
            open.extend([&shape.member, &shape.key, &shape.value].into_iter().flatten().map(|m| m.shape.as_str()));
        }
        Ok(false)
    }
}

impl Reference {
    /// Its name on the wire.
    pub fn wire<'a>(&'a self, member: &'a str) -> &'a str {
        self.location_name.as_deref().unwrap_or(member)
    }
}
