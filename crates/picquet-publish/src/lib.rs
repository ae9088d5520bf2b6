//! Delivery of findings: what the outbox holds is sent to each target, at least once, under an id that does not change.
//!
//! Rows of the outbox are written in the transaction that changes a finding, so that a crash loses none. A worker of each
//! target sends what is due, worst luck several times; who fails is asked again with growing pauses, for about a day.

mod item;
pub mod settings;
pub mod targets;
mod worker;

use picquet_api::resources::PublishingDestination;
use picquet_api_model::PublishingStatus;
use picquet_source::aws::Access;
use picquet_source::aws::bucket::Bucket;
use picquet_source::aws::post::Service;
use picquet_store::documents::{Shelf, everywhere};
use picquet_store::{Store, StoreError, outbox};
use settings::{Kind, Publish};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use targets::Target;
use targets::bucket::{Export, Lines};
use targets::eventbridge::Bus;
use targets::http::{Hook, Says};
use targets::securityhub::Hub;
use targets::syslog::Syslog;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often it is looked which destinations detectors have.
const DESTINATIONS: Duration = Duration::from_secs(2);
/// Secrets that are longer are cut off by mistake.
const LONGEST_SECRET: u64 = 4096;

/// Publishing, as it runs.
pub struct Running {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Stops; what is being sent is waited for, for so long at most.
    pub async fn stop(self, within: Duration) {
        self.stop.cancel();
        let _ = tokio::time::timeout(within, self.task).await;
    }
}

/// Begins: the operator's targets, and the destinations of detectors, which come and go. `access` is how buckets of
/// destinations are reached.
///
/// # Errors
/// What is wrong with a target, in one line, and the store's failures.
pub async fn begin(store: Arc<Store>, configured: Vec<Publish>, access: Access) -> Result<Running, String> {
    let mut ready = Vec::new();
    for publish in configured {
        let target = target(&publish).await.map_err(|e| format!("target {}: {e}", publish.name))?;
        ready.push((format!("target:{}", publish.name), target));
    }
    let stop = CancellationToken::new();
    let names: Vec<String> = ready.iter().map(|(name, _)| name.clone()).collect();
    let (of, all) = (store.clone(), names.clone());
    let named = tokio::task::spawn_blocking(move || name_targets(&of, &all, &destinations(&of)?));
    named.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
    let task = tokio::spawn(supervise(store, ready, names, access, stop.clone()));
    Ok(Running { stop, task })
}

async fn target(publish: &Publish) -> Result<Target, String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let source = publish.source.as_deref();
    Ok(match publish.to {
        Kind::Eventbridge => {
            let service = Service::new(&publish.access, "events", "events").await.map_err(|e| e.to_string())?;
            Target::Eventbridge(Bus::new(service, &text(&publish.bus), source))
        }
        Kind::SecurityHub => {
            let service = Service::new(&publish.access, "securityhub", "securityhub").await;
            Target::SecurityHub(Hub::new(service.map_err(|e| e.to_string())?))
        }
        Kind::Webhook | Kind::Slack => {
            let says = if publish.to == Kind::Slack { Says::Message } else { Says::Json(publish.format) };
            let secret = publish.secret_file.as_deref().map(|file| {
                let length = fs::metadata(file).map(|m| m.len());
                match length {
                    Ok(n) if n <= LONGEST_SECRET => fs::read_to_string(file),
                    Ok(_) => Err(std::io::Error::other("it is too long for a secret")),
                    Err(e) => Err(e),
                }
                .map_err(|e| format!("cannot read {}: {e}", file.display()))
            });
            let secret = secret.transpose()?.map(|text| text.trim().as_bytes().to_vec());
            if secret.as_ref().is_some_and(Vec::is_empty) {
                return Err("the secret is empty".into());
            }
            Target::Http(Hook::new(&text(&publish.url), secret, says, source))
        }
        Kind::Syslog => Target::Syslog(Syslog::new(&text(&publish.address), publish.format)?),
        Kind::OcsfBucket => {
            let bucket = Bucket::new(&publish.access, &text(&publish.bucket)).await;
            Target::Bucket(Export::new(bucket, publish.prefix.clone(), publish.kms_key.clone(), Lines::Ocsf))
        }
    })
}

/// A destination of a detector, and where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exported {
    account: String,
    region: String,
    detector: String,
    id: String,
    bucket: String,
    prefix: String,
    kms_key: Option<String>,
}

/// The destinations of all detectors, by the names of their targets.
fn destinations(store: &Store) -> Result<BTreeMap<String, Exported>, StoreError> {
    let all = store.read(everywhere::<PublishingDestination>)?;
    let exported = all.into_iter().filter_map(|((account, region, detector, id), destination)| {
        let arn = destination.properties.destination_arn?;
        // arn:aws:s3:::bucket/prefix
        let path = arn.splitn(6, ':').nth(5)?.to_owned();
        let (bucket, prefix) = path.split_once('/').unwrap_or((&path, ""));
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let kms_key = destination.properties.kms_key_arn;
        let bucket = bucket.to_owned();
        Some((format!("destination:{id}"), Exported { account, region, detector, id, bucket, prefix, kms_key }))
    });
    Ok(exported.collect())
}

fn name_targets(store: &Store, names: &[String], exported: &BTreeMap<String, Exported>) -> Result<(), StoreError> {
    let mut targets: Vec<(String, String)> = names.iter().map(|name| (name.clone(), String::new())).collect();
    targets.extend(exported.iter().map(|(name, of)| (name.clone(), of.detector.clone())));
    store.write(|sql| outbox::set_targets(sql, &targets))
}

/// Runs a worker of each target, and begins and ends those of destinations as they come and go.
async fn supervise(
    store: Arc<Store>,
    ready: Vec<(String, Target)>,
    names: Vec<String>,
    access: Access,
    stop: CancellationToken,
) {
    let mut workers = JoinSet::new();
    for (name, target) in ready {
        workers.spawn(worker::run(store.clone(), name, target, stop.child_token()));
    }
    let mut running: BTreeMap<String, (Exported, CancellationToken)> = BTreeMap::new();
    loop {
        let of = store.clone();
        match tokio::task::spawn_blocking(move || destinations(&of)).await {
            Ok(Ok(wanted)) => {
                let is_new = |running: &BTreeMap<String, (Exported, CancellationToken)>| {
                    wanted.len() != running.len()
                        || wanted.iter().any(|(name, of)| running.get(name).is_none_or(|(known, _)| known != of))
                };
                if is_new(&running) {
                    let (of, names, all) = (store.clone(), names.clone(), wanted.clone());
                    let named = tokio::task::spawn_blocking(move || name_targets(&of, &names, &all)).await;
                    if !matches!(named, Ok(Ok(()))) {
                        tracing::error!("the targets of findings cannot be written down");
                    }
                    running.retain(|name, (known, token)| {
                        let stays = wanted.get(name) == Some(known);
                        if !stays {
                            token.cancel();
                        }
                        stays
                    });
                    for (name, of) in wanted {
                        if running.contains_key(&name) {
                            continue;
                        }
                        let bucket = Bucket::new(&access, &of.bucket).await;
                        let export = Export::new(bucket, of.prefix.clone(), of.kms_key.clone(), Lines::Findings);
                        let token = stop.child_token();
                        workers.spawn(worker::run(store.clone(), name.clone(), Target::Bucket(export), token.clone()));
                        running.insert(name, (of, token));
                    }
                }
                let (of, known) = (store.clone(), running.values().map(|(of, _)| of.clone()).collect::<Vec<_>>());
                let told = tokio::task::spawn_blocking(move || tell(&of, &known)).await;
                if let Ok(Err(e)) = told {
                    tracing::error!(error = e.to_string().as_str(), "the states of destinations cannot be kept");
                }
            }
            Ok(Err(e)) => tracing::error!(error = e.to_string().as_str(), "destinations cannot be read"),
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(DESTINATIONS) => {}
        }
    }
    while workers.join_next().await.is_some() {}
}

/// Says in the API whether destinations take what is exported.
fn tell(store: &Store, exported: &[Exported]) -> Result<(), StoreError> {
    let now = worker::now();
    for of in exported {
        let (_, failing, _) = store.read(|sql| outbox::backlog(sql, &format!("destination:{}", of.id), i64::MAX))?;
        let shelf = Shelf { account: &of.account, region: &of.region, parent: &of.detector };
        let Some(known) = store.read(|sql| shelf.get::<PublishingDestination>(sql, &of.id))? else { continue };
        let status = match failing {
            0 => PublishingStatus::Publishing,
            _ => PublishingStatus::UnableToPublishFixDestinationProperty,
        };
        if known.status == status {
            continue;
        }
        store.write(|sql| {
            let Some(mut destination) = shelf.get::<PublishingDestination>(sql, &of.id)? else { return Ok(()) };
            destination.failing_since = if failing > 0 { now } else { 0 };
            destination.status = status;
            shelf.put(sql, &of.id, &destination)
        })?;
    }
    Ok(())
}
