//! What the API is told of hunts.

use super::progress::Progress;
use super::record::{Found, Hunt, HuntFinding, State, told};
use super::scope::Scope;
use super::work::{Going, take};
use super::{Setup, below, compare, shelf};
use crate::status::now;
use picquet_api::above;
use picquet_api::error::ApiError;
use picquet_api::hunting::{Hunter, Hunting, NewHunt};
use picquet_api::operation::OperationError;
use picquet_store::documents::everywhere;
use picquet_store::{Sql, StoreError};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Hunts that are kept of an account; the oldest make room.
const KEPT: usize = 20;
/// Hunts that wait, of all accounts.
const WAITING: usize = 20;

/// The hunts of a process.
pub struct Hunts {
    setup: Arc<Setup>,
    going: Arc<Going>,
    queue: Sender<(String, String)>,
    taker: Mutex<Option<JoinHandle<()>>>,
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
        let hunts = Self { setup: Arc::new(setup), going: Arc::default(), queue, taker: Mutex::default() };
        let (setup, going) = (hunts.setup.clone(), hunts.going.clone());
        let taker = std::thread::spawn(move || take(&setup, &going, &waiting));
        *hunts.taker.lock().unwrap_or_else(PoisonError::into_inner) = Some(taker);
        Ok(hunts)
    }

    /// Breaks off what goes on, within about so long. It has failed with the next start.
    pub fn stop(&self, within: Duration) {
        self.going.ends.store(true, Ordering::Relaxed);
        self.going.by_id().values().for_each(|progress| progress.stop());
        let taker = self.taker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let until = Instant::now() + within;
        // One that waits for its turn waits for nobody's.
        while self.going.by_id().values().any(|progress| progress.state() != State::Queued)
            && taker.as_ref().is_some_and(|taker| !taker.is_finished())
            && Instant::now() < until
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A hunt as it is kept.
    fn kept(&self, by: Hunter<'_>, id: &str) -> Result<Hunt, OperationError> {
        let hunt = self.setup.store.read(|sql| shelf(by.account).get::<Hunt>(sql, id))?;
        hunt.filter(|hunt| may_see(by, hunt)).ok_or_else(|| not_there(id))
    }

    /// A hunt as it is now.
    fn now(&self, id: &str, mut hunt: Hunt) -> Hunt {
        if let Some(progress) = self.going.by_id().get(id).filter(|_| !hunt.state.is_final()) {
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
        hunts.retain(|(_, hunt)| may_see(by, hunt));
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
        let mut going = self.going.by_id();
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
        self.kept(by, id)?;
        let progress = self.going.by_id().get(id).cloned();
        progress.iter().for_each(|progress| progress.stop());
        // Read again where it is written: it may have ended meanwhile.
        let hunt = self.setup.store.write(|sql| -> Result<_, StoreError> {
            let Some(mut hunt) = shelf(by.account).get::<Hunt>(sql, id)? else { return Ok(None) };
            if !hunt.state.is_final() {
                hunt.progress = progress.as_ref().map_or(hunt.progress, |progress| progress.told());
                hunt.state = State::Cancelled;
                hunt.ended_at = Some(now());
                shelf(by.account).put(sql, id, &hunt)?;
            }
            Ok(Some(hunt))
        });
        let hunt = hunt?.ok_or_else(|| not_there(id))?;
        Ok(json!({ "hunt": told(id, &hunt) }))
    }

    fn remove(&self, by: Hunter<'_>, id: &str) -> Result<Value, OperationError> {
        self.kept(by, id)?;
        self.going.by_id().get(id).iter().for_each(|progress| progress.stop());
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
        self.kept(by, id)?;
        let found = self.setup.store.read(|sql| below(by.account, id).get::<HuntFinding>(sql, finding))?;
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

fn not_there(id: &str) -> OperationError {
    OperationError::NotThere(format!("There is no hunt {id}."))
}

/// What an administrator hunts through of other accounts, others of the account do not see.
const fn may_see(by: Hunter<'_>, hunt: &Hunt) -> bool {
    by.is_administrator || !hunt.scope.for_administrators
}

fn forget(sql: &mut dyn Sql, account: &str, id: &str) -> picquet_store::Result<()> {
    below(account, id).clear(sql)?;
    shelf(account).remove::<Hunt>(sql, id)?;
    Ok(())
}

/// Forgets the oldest hunts that have ended, so that there is room for one more.
fn make_room(sql: &mut dyn Sql, account: &str) -> Result<(), OperationError> {
    let mut hunts = shelf(account).list::<Hunt>(sql)?;
    let over = (hunts.len() + 1).saturating_sub(KEPT);
    hunts.retain(|(_, hunt)| hunt.state.is_final());
    hunts.sort_by_key(|(_, hunt)| hunt.created_at);
    if hunts.len() < over {
        return Err(OperationError::Busy(format!("{KEPT} hunts of this account wait or go on.")));
    }
    Ok(hunts.iter().take(over).try_for_each(|(id, _)| forget(sql, account, id))?)
}
