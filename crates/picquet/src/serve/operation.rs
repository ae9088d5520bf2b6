//! What `serve` tells of itself: by the API, and as metrics.

use super::traces::Tally;
use super::watch::Beside;
use super::{look_up, retention};
use crate::config::{self, Machine};
use picquet_api::hunting::Hunting;
use picquet_api::operation::{Format, Operation, OperationError};
use picquet_feeds::{Feed, Shelf};
use picquet_model::Finding;
use picquet_report::{OcsfVersion, asff_finding, ocsf_finding};
use picquet_store::{Store, StoreError};
use picquet_watch::dry_run::DryRunError;
use picquet_watch::report;
use picquet_watch::settings::Source;
use picquet_watch::status::{SourceState, Status, now};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The process.
pub struct Process {
    pub store: Arc<Store>,
    pub status: Arc<Status>,
    pub sources: Vec<Source>,
    pub started_at: i64,
    pub feeds: Vec<Feed>,
    pub machine: Machine,
    /// How long findings are kept where nobody chose.
    pub kept_days: u16,
    pub shelf: Shelf,
    pub traces: Option<Arc<Tally>>,
    /// Once continuous detection has begun.
    pub beside: OnceLock<Beside>,
}

impl Process {
    /// What goes on beside continuous detection, if there are sources.
    fn beside(&self) -> Result<&Beside, OperationError> {
        self.beside.get().ok_or(OperationError::NoSources)
    }

    /// How each feed stands. What cannot be looked at is told as nothing: the log says why.
    fn feeds(&self, at: i64) -> Value {
        let told = self.shelf.standing(&self.feeds, at).into_iter().flatten().map(|of| {
            json!({ "name": of.feed.name, "kind": of.feed.kind.to_string(), "location": of.feed.location,
                    "freshAt": of.age.map(|_| of.held.fresh_at), "entries": of.held.entries, "stale": of.is_stale,
                    "why": of.held.why })
        });
        told.collect()
    }

    fn source(&self, source: &Source, states: &BTreeMap<String, SourceState>) -> Value {
        let (kind, location) = match (&source.folder, &source.bucket, &source.queue) {
            (Some(folder), ..) => ("folder", folder.display().to_string()),
            (_, Some(bucket), Some(_)) => ("queue", format!("s3://{bucket}/{}", source.prefix)),
            (_, bucket, _) => ("bucket", format!("s3://{}/{}", bucket.as_deref().unwrap_or_default(), source.prefix)),
        };
        let state = states.get(&source.name).cloned().unwrap_or_default();
        let mut told = serde_json::to_value(state).unwrap_or_default();
        told["name"] = source.name.as_str().into();
        told["kind"] = kind.into();
        told["location"] = location.into();
        told["watch"] = source.watch.into();
        told
    }
}

impl Operation for Process {
    fn ready(&self) -> Result<(), String> {
        self.store.read(picquet_store::facts::accounts).map(|_| ()).map_err(|e| e.to_string())
    }

    fn status(&self, account: &str, is_administrator: bool) -> Result<Value, StoreError> {
        let at = now();
        let of = if is_administrator { None } else { Some(account) };
        let mut told = json!({ "version": env!("CARGO_PKG_VERSION"), "startedAt": self.started_at });
        told["volumes"] = self.store.read(|sql| report::volumes(sql, of, at))?;
        told["retentionDays"] = self.store.read(|sql| retention::days(sql, self.kept_days))?.into();
        if !is_administrator {
            return Ok(told);
        }
        let states = self.status.sources();
        told["sources"] = self.sources.iter().map(|source| self.source(source, &states)).collect();
        told["feeds"] = self.feeds(at);
        if let Some(dollars) = self.machine.dollars_per_month {
            told["machine"] = json!({ "dollarsPerMonth": dollars });
        }
        told["notices"] =
            self.status.notices().into_iter().map(|(at, text)| json!({ "at": at, "text": text })).collect();
        self.store.read(|sql| {
            told["targets"] = report::targets(sql, at)?;
            told["deliveries"] = report::deliveries(sql)?;
            told["setAside"] = report::set_aside(sql)?;
            told["accounts"] = report::accounts(sql)?;
            Ok(told)
        })
    }

    fn settings(&self) -> Result<String, OperationError> {
        let settings = self.beside()?.worlds.common().tuning;
        toml::to_string_pretty(settings.as_ref()).map_err(|e| OperationError::Failed(e.to_string()))
    }

    fn dry_run(&self, account: &str, region: &str, settings: &str) -> Result<Value, OperationError> {
        let tuning = config::detection(settings).map_err(OperationError::Wrong)?;
        let difference = self.beside()?.dry_run.compare(account, region, tuning).map_err(|e| match e {
            DryRunError::Busy => {
                OperationError::Busy("Another dry run is going on. Try again when it has ended.".into())
            }
            DryRunError::Judge(e) => OperationError::Failed(e.to_string()),
        })?;
        serde_json::to_value(difference).map_err(|e| OperationError::Failed(e.to_string()))
    }

    fn look_up(&self, account: &str, region: &str, values: &[String]) -> Result<Vec<Value>, OperationError> {
        let env = self.beside()?.worlds.of(account, region);
        Ok(values.iter().map(|value| look_up::told(&env, value)).collect())
    }

    fn hunting(&self) -> Result<&dyn Hunting, OperationError> {
        Ok(&self.beside()?.hunts)
    }

    fn keep_for(&self, days: u16) -> Result<(), OperationError> {
        self.store.write(|sql| retention::choose(sql, days)).map_err(|e| OperationError::Failed(e.to_string()))
    }

    fn formatted(&self, finding: &Value, format: Format) -> Option<Value> {
        let finding: Finding = serde_json::from_value(finding.clone()).ok()?;
        Some(match format {
            Format::Ocsf => ocsf_finding(&finding, env!("CARGO_PKG_VERSION"), OcsfVersion::default()),
            Format::Asff => asff_finding(&finding),
        })
    }
}
