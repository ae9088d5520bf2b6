//! Hunts: scans of what the sources hold of a time, by the engine of `scan`, beside continuous detection.
//!
//! ```text
//! scope     sources, accounts and a time, as far as the caller may
//! objects   those of the scope, by their names
//! read      fetched and reduced, several at a time; facts that do not fit go to files
//! run       judged account by account with today's lists, feeds and settings
//! record    what is kept: the hunt, what it read, its severest findings
//! compare   beside the detectors' findings, and into them
//! ```
//!
//! One hunt goes on at a time, with half of the threads: continuous detection comes first.

mod compare;
mod objects;
mod progress;
mod read;
mod record;
mod run;
mod scope;

use crate::settings::Source;
use crate::status::now;
use crate::worlds::Worlds;
use picquet_api::above;
use picquet_api::error::ApiError;
use picquet_api::hunting::{Hunter, Hunting, NewHunt};
use picquet_api::operation::OperationError;
use picquet_detect::cold::Memory;
use picquet_detect::{Fact, FactKey, Tuning};
use picquet_engine::RunError;
use picquet_model::Finding;
use picquet_source::aws::walk::WalkError;
use picquet_store::documents::{Shelf, everywhere};
use picquet_store::{Store, StoreError};
use progress::Progress;
use record::{Brief, Counts, Found, Hunt, HuntFinding, State, told};
use scope::Scope;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// Hunts that are kept of an account; the oldest make room.
const KEPT: usize = 20;
/// Hunts that wait, of all accounts.
const WAITING: usize = 20;
/// Findings that are kept of a hunt: more than anybody reads.
const FINDINGS: usize = 2000;
/// Findings of one transaction.
const TOGETHER: usize = 100;

/// What hunts are given.
pub struct Setup {
    /// The store.
    pub store: Arc<Store>,
    /// Lists and settings.
    pub worlds: Arc<Worlds>,
    /// The sources.
    pub sources: Vec<Source>,
    /// Facts that the operator gave, in the order of keys.
    pub given: Arc<[(FactKey, Fact)]>,
    /// Memory for what is known of the entities of an account.
    pub memory: Memory,
    /// Memory for facts, in bytes.
    pub fact_bytes: usize,
    /// Threads that reduce.
    pub threads: usize,
    /// Where fetches are driven.
    pub runtime: Handle,
    /// Reads settings of detection, or says what is wrong with them.
    pub tuning: fn(&str) -> Result<Tuning, String>,
}

/// Why a hunt does not end well.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
    /// The settings are none any more.
    #[error("its settings are wrong: {0}")]
    Settings(String),
    /// Objects cannot be listed.
    #[error("{0}")]
    Walk(#[from] WalkError),
    /// Facts cannot be kept.
    #[error("{0}")]
    Facts(#[from] RunError),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A fault of ours.
    #[error("reading failed; please report this")]
    Fault,
}

/// The hunts of a process.
pub struct Hunts {
    setup: Arc<Setup>,
    /// Those that wait or go on, by id.
    going: Arc<Mutex<BTreeMap<String, Arc<Progress>>>>,
    queue: Sender<(String, String)>,
}

impl Hunts {
    /// Begins to take hunts, one at a time, on a thread of its own. Those that went on when the process ended have
    /// failed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin(setup: Setup) -> Result<Self, StoreError> {
        setup.store.write(|sql| {
            for ((account, _, _, id), mut hunt) in everywhere::<Hunt>(sql)? {
                if !hunt.state.is_final() {
                    hunt.state = State::Failed;
                    hunt.why = Some("Picquet was stopped before it ended. Start it again.".into());
                    hunt.ended_at = Some(now());
                    shelf(&account).put(sql, &id, &hunt)?;
                }
            }
            Ok::<_, StoreError>(())
        })?;
        let (queue, waiting) = channel();
        let hunts = Self { setup: Arc::new(setup), going: Arc::default(), queue };
        let (setup, going) = (hunts.setup.clone(), hunts.going.clone());
        std::thread::spawn(move || take(&setup, &going, &waiting));
        Ok(hunts)
    }

    fn going(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Progress>>> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A hunt as it is kept.
    fn kept(&self, by: Hunter<'_>, id: &str) -> Result<Hunt, OperationError> {
        let hunt = self.setup.store.read(|sql| shelf(by.account).get::<Hunt>(sql, id))?;
        hunt.ok_or_else(|| OperationError::NotThere(format!("There is no hunt {id}.")))
    }

    /// A hunt as it is now.
    fn now(&self, id: &str, mut hunt: Hunt) -> Hunt {
        if let Some(progress) = self.going().get(id).filter(|_| !hunt.state.is_final()) {
            hunt.state = progress.state();
            hunt.progress = progress.told();
        }
        hunt
    }
}

impl Hunting for Hunts {
    fn list(&self, by: Hunter<'_>) -> Result<Value, OperationError> {
        let read = self
            .setup
            .store
            .read(|sql| Ok::<_, StoreError>((shelf(by.account).list::<Hunt>(sql)?, above::members(sql)?)));
        let (mut hunts, members) = read?;
        hunts.sort_by(|(a_id, a), (b_id, b)| (b.created_at, b_id).cmp(&(a.created_at, a_id)));
        let hunts: Vec<Value> = hunts.into_iter().map(|(id, hunt)| told(&id, &self.now(&id, hunt))).collect();
        let members: BTreeSet<String> =
            members.into_iter().filter(|m| m.administrator == by.account).map(|m| m.account).collect();
        let sources = self.setup.sources.iter().map(
            |source| json!({ "name": source.name, "kind": if source.folder.is_some() { "folder" } else { "bucket" } }),
        );
        Ok(json!({ "hunts": hunts, "sources": sources.collect::<Vec<_>>(), "most": KEPT, "members": members,
                   "all": by.is_administrator,
                   "learnDays": self.setup.worlds.common().tuning.api_anomaly.learning_days }))
    }

    fn start(&self, by: Hunter<'_>, id: &str, asked: NewHunt) -> Result<Value, OperationError> {
        if let Some(settings) = asked.settings.as_deref().filter(|text| !text.trim().is_empty()) {
            (self.setup.tuning)(settings).map_err(OperationError::Wrong)?;
        }
        let name = asked.name.clone().filter(|name| !name.trim().is_empty());
        let members = self.setup.store.read(above::members)?;
        let learning = self.setup.worlds.common().tuning.api_anomaly.learning_days;
        let scope =
            Scope::of(asked, by, &self.setup.sources, &members, learning, now()).map_err(OperationError::Wrong)?;
        let mut going = self.going();
        if going.len() > WAITING {
            return Err(OperationError::Busy("Too many hunts wait. Try again when some have ended.".into()));
        }
        let progress = Arc::new(Progress::default());
        let hunt = Hunt {
            name,
            created_by: by.user.to_owned(),
            created_at: now(),
            started_at: None,
            ended_at: None,
            state: State::Queued,
            why: None,
            scope,
            progress: progress.told(),
            findings: None,
        };
        self.setup.store.write(|sql| -> Result<(), OperationError> {
            make_room(sql, by.account)?;
            Ok(shelf(by.account).put(sql, id, &hunt)?)
        })?;
        going.insert(id.to_owned(), progress);
        drop(going);
        // The thread that takes hunts lives as long as this does.
        let _ = self.queue.send((by.account.to_owned(), id.to_owned()));
        Ok(json!({ "hunt": told(id, &hunt) }))
    }

    fn get(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError> {
        let hunt = self.kept(by, id)?;
        Ok(json!({ "hunt": told(id, &self.now(id, hunt)) }))
    }

    fn cancel(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError> {
        let mut hunt = self.kept(by, id)?;
        if !hunt.state.is_final() {
            let progress = self.going().get(id).cloned();
            progress.iter().for_each(|progress| progress.stop());
            hunt.progress = progress.map_or(hunt.progress, |progress| progress.told());
            hunt.state = State::Cancelled;
            hunt.ended_at = Some(now());
            self.setup.store.write(|sql| shelf(by.account).put(sql, id, &hunt))?;
        }
        Ok(json!({ "hunt": told(id, &hunt) }))
    }

    fn remove(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError> {
        self.kept(by, id)?;
        self.going().get(id).iter().for_each(|progress| progress.stop());
        self.setup.store.write(|sql| forget(sql, by.account, id))?;
        Ok(json!({}))
    }

    fn findings(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError> {
        let hunt = self.kept(by, id)?;
        if hunt.state != State::Done {
            return Err(OperationError::Busy("The hunt has no findings: it has not ended, or not well.".into()));
        }
        let beside = self.setup.store.read(|sql| -> Result<_, StoreError> {
            let found = below(by.account, id).get::<Found>(sql, id)?.unwrap_or_default();
            compare::beside(sql, &hunt.scope, &found)
        });
        Ok(beside?)
    }

    fn finding(&self, by: Hunter<'_>, id: &str, finding: &str) -> Result<Value, OperationError> {
        let found = self.setup.store.read(|sql| below(by.account, id).get::<HuntFinding>(sql, finding));
        let found = found?;
        let found = found.ok_or_else(|| OperationError::NotThere(format!("The hunt has no finding {finding}.")))?;
        Ok(json!({ "finding": found.0 }))
    }

    fn promote(&self, by: Hunter<'_>, id: &str, findings: &[String]) -> Result<Value, OperationError> {
        let hunt = self.kept(by, id)?;
        let distinct: BTreeSet<&String> = findings.iter().collect();
        let done = self.setup.store.write(|sql| -> Result<_, ApiError> {
            let (mut promoted, mut refused) = (Vec::new(), Vec::new());
            for finding in distinct {
                let why = match below(by.account, id).get::<HuntFinding>(sql, finding)? {
                    Some(whole) => compare::promote(sql, &hunt.scope.accounts, whole.0, now())?,
                    None => Some("The hunt has no such finding.".into()),
                };
                match why {
                    None => promoted.push(finding),
                    Some(why) => refused.push(json!({ "id": finding, "why": why })),
                }
            }
            Ok(json!({ "promoted": promoted, "refused": refused }))
        });
        done.map_err(|e| OperationError::Failed(e.to_string()))
    }
}

/// Where an account's hunts are.
const fn shelf(account: &str) -> Shelf<'_> {
    Shelf { account, region: "", parent: "" }
}

/// Where what a hunt found is.
const fn below<'a>(account: &'a str, hunt: &'a str) -> Shelf<'a> {
    Shelf { account, region: "", parent: hunt }
}

fn forget(sql: &mut dyn picquet_store::Sql, account: &str, id: &str) -> picquet_store::Result<()> {
    below(account, id).clear(sql)?;
    shelf(account).remove::<Hunt>(sql, id)?;
    Ok(())
}

/// Forgets the oldest hunts that have ended, so that there is room for one more.
fn make_room(sql: &mut dyn picquet_store::Sql, account: &str) -> Result<(), OperationError> {
    let mut hunts = shelf(account).list::<Hunt>(sql)?;
    let over = (hunts.len() + 1).saturating_sub(KEPT);
    hunts.retain(|(_, hunt)| hunt.state.is_final());
    hunts.sort_by_key(|(_, hunt)| hunt.created_at);
    if hunts.len() < over {
        return Err(OperationError::Busy(format!("{KEPT} hunts of this account wait or go on.")));
    }
    Ok(hunts.iter().take(over).try_for_each(|(id, _)| forget(sql, account, id))?)
}

/// Takes hunts, one at a time, until there is nobody to start more.
fn take(setup: &Setup, going: &Mutex<BTreeMap<String, Arc<Progress>>>, waiting: &Receiver<(String, String)>) {
    for (account, id) in waiting {
        let progress = going.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(progress) = progress.filter(|progress| !progress.is_stopped())
            && let Err(e) = one(setup, &account, &id, &progress)
        {
            tracing::error!(hunt = id.as_str(), error = e.to_string().as_str(), "a hunt cannot be kept");
        }
        going.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// One hunt, to its end.
fn one(setup: &Setup, account: &str, id: &str, progress: &Arc<Progress>) -> Result<(), StoreError> {
    let started = setup.store.write(|sql| {
        let Some(mut hunt) = shelf(account).get::<Hunt>(sql, id)? else { return Ok(None) };
        hunt.started_at = Some(now());
        shelf(account).put(sql, id, &hunt)?;
        Ok::<_, StoreError>(Some(hunt))
    })?;
    // It was removed, or cancelled, while it waited.
    let Some(hunt) = started.filter(|hunt| !hunt.state.is_final()) else { return Ok(()) };
    tracing::info!(hunt = id, account, "a hunt begins");
    let found = catch_unwind(AssertUnwindSafe(|| run::run(setup, &hunt.scope, progress)));
    let found = found.unwrap_or(Err(HuntError::Fault));
    let told = progress.told();
    let end = |state, why, findings| {
        setup.store.write(|sql| {
            // Who cancelled or removed it has said so there.
            let Some(kept) = shelf(account).get::<Hunt>(sql, id)?.filter(|hunt| !hunt.state.is_final()) else {
                return below(account, id).clear(sql);
            };
            let hunt = Hunt { state, why, findings, ended_at: Some(now()), progress: told.clone(), ..kept };
            shelf(account).put(sql, id, &hunt)
        })
    };
    match found {
        Ok(findings) => {
            let counts = keep(setup, account, id, findings)?;
            tracing::info!(hunt = id, findings = counts.total, "a hunt has ended");
            end(State::Done, None, Some(counts))
        }
        Err(HuntError::Stopped) => end(State::Cancelled, None, None),
        Err(_) if progress.is_stopped() => end(State::Cancelled, None, None),
        Err(e) => {
            let why = e.to_string();
            tracing::error!(hunt = id, error = why.as_str(), "a hunt failed");
            end(State::Failed, Some(why), None)
        }
    }
}

/// Keeps the severest findings of a hunt.
fn keep(setup: &Setup, account: &str, id: &str, mut findings: Vec<Finding>) -> Result<Counts, StoreError> {
    findings.sort_by(|a, b| b.severity.total_cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let mut counts = Counts::default();
    findings.iter().for_each(|finding| counts.add(&finding.finding_type, finding.severity));
    let others = findings.split_off(FINDINGS.min(findings.len())).into_iter().map(|f| f.id).collect();
    counts.kept = findings.len();
    let mut found = Found { kept: Vec::new(), others };
    for some in findings.chunks(TOGETHER) {
        setup.store.write(|sql| -> Result<(), StoreError> {
            for finding in some {
                let whole = serde_json::to_value(finding)?;
                found.kept.push(Brief::of(&whole));
                below(account, id).put(sql, &finding.id, &HuntFinding(whole))?;
            }
            Ok(())
        })?;
    }
    setup.store.write(|sql| below(account, id).put(sql, id, &found))?;
    Ok(counts)
}
