//! Why a finding was raised, in words and in numbers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One thing that was observed: a name and a value, with what would have been usual where that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What was measured, with its unit: `connections in 10 minutes`.
    pub name: String,
    /// What was seen.
    pub observed: String,
    /// The limit or the usual value that it was held against.
    pub against: Option<String>,
}

/// Why a detector spoke. Every signal has one: it cannot be built without a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    reason: String,
    observations: Vec<Observation>,
}

impl Explanation {
    /// A reason in one sentence.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), observations: Vec::new() }
    }

    /// Adds an observation.
    pub fn observe(mut self, name: impl Into<String>, observed: impl ToString) -> Self {
        self.observations.push(Observation { name: name.into(), observed: observed.to_string(), against: None });
        self
    }

    /// Adds an observation with the limit or usual value that it was held against.
    pub fn compare(mut self, name: impl Into<String>, observed: impl ToString, against: impl ToString) -> Self {
        self.observations.push(Observation {
            name: name.into(),
            observed: observed.to_string(),
            against: Some(against.to_string()),
        });
        self
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What was observed.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// As it travels in `service.additionalInfo.value`, under the member `picquet`.
    pub fn to_json(&self, detector: &str) -> Value {
        let observations: Vec<Value> = self
            .observations
            .iter()
            .map(|o| {
                let mut m = Map::new();
                m.insert("name".into(), json!(o.name));
                m.insert("observed".into(), json!(o.observed));
                if let Some(against) = &o.against {
                    m.insert("against".into(), json!(against));
                }
                Value::Object(m)
            })
            .collect();
        json!({"detector": detector, "why": self.reason, "observations": observations})
    }
}
