//! Commits batches: the ledger's rows, the facts and the volumes of all their objects in one transaction.

use crate::arrival::Receipt;
use crate::fetch::object;
use crate::reduce::{Batch, Packed, Read};
use crate::spans;
use crate::status::{Status, now};
use picquet_logs::{ObjectReport, RecordKind};
use picquet_store::facts::NewRun;
use picquet_store::ledger::{self, State};
use picquet_store::volume::{self, Volume};
use picquet_store::{Result, Sql, Store, facts};
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

/// Objects of one transaction, about.
const TOGETHER: usize = 256;
/// How long a commit that failed waits: the disk may be full.
const PAUSE: Duration = Duration::from_secs(2);

/// Facts that are in the store now.
pub struct Committed {
    /// The account.
    pub account: String,
    /// The last hour of them.
    pub last_hour: i64,
}

/// Commits until there is nothing more, or `gives_up` says that it shall not wait for a store that fails.
pub fn run(
    store: &Store,
    status: &Status,
    batches: &Receiver<Batch>,
    committed: &Sender<Committed>,
    gives_up: &dyn Fn() -> bool,
) {
    while let Ok(first) = batches.recv() {
        let mut objects = first.objects;
        let mut runs = first.runs;
        let mut spans = vec![first.span];
        while objects.len() < TOGETHER {
            let Ok(next) = batches.try_recv() else { break };
            objects.extend(next.objects);
            runs.extend(next.runs);
            spans.push(next.span);
        }
        let mut said = false;
        loop {
            // A commit of several batches is a step of each.
            let steps = spans::commit(&spans);
            let written = store.write(|sql| write(sql, &objects, &runs));
            if written.is_err() {
                steps.iter().for_each(|step| spans::failed(step, "store"));
            }
            drop(steps);
            match written {
                Ok(()) => {
                    if said {
                        tracing::warn!("facts are kept again");
                    }
                    break;
                }
                Err(e) => {
                    Status::add(&status.commit_failures, 1);
                    if !std::mem::replace(&mut said, true) {
                        tracing::error!(
                            error = e.to_string().as_str(),
                            "facts cannot be kept; trying again until they can"
                        );
                    }
                    if gives_up() {
                        // Nothing of it is kept, so that all of it comes again.
                        return;
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
        drop(spans);
        for read in objects {
            if let Ok(report) = &read.report {
                status.source(&read.arrival.source.name).committed(report);
            }
            read.arrival.receipt.into_iter().for_each(Receipt::done);
            // Its name and content are free only now that the ledger knows them.
            drop(read.hold);
        }
        for run in runs {
            let told = committed.send(Committed { account: run.account.to_string(), last_hour: run.last_hour });
            if told.is_err() {
                return;
            }
        }
    }
}

fn write(sql: &mut dyn Sql, objects: &[Read], runs: &[Packed]) -> Result<()> {
    let at = now();
    for read in objects {
        let object = object(&read.arrival);
        match &read.report {
            Ok(ObjectReport { not_read: Some(why), .. }) => {
                ledger::put(sql, object, State::PassedOver, &read.content, why, at)?;
            }
            Ok(report) => {
                ledger::put(sql, object, State::Done, &read.content, "", at)?;
                volumes(sql, read, report, at)?;
            }
            // What was read until then is in the facts of its batch: it is not tried again.
            Err(why) => ledger::put(sql, object, State::SetAside, &read.content, why, at)?,
        }
    }
    for run in runs {
        let new = NewRun { bucket: run.bucket, last_hour: run.last_hour, at, bytes: &run.bytes };
        facts::add(sql, &run.account, new)?;
    }
    Ok(())
}

/// What is said of a kind of records in volumes: the names of the API's data sources.
const fn kind(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::CloudTrailManagement | RecordKind::CloudTrailNetwork => "CLOUD_TRAIL",
        RecordKind::CloudTrailData => "S3_LOGS",
        RecordKind::VpcFlow => "FLOW_LOGS",
        RecordKind::ResolverDns => "DNS_LOGS",
    }
}

fn volumes(sql: &mut dyn Sql, read: &Read, report: &ObjectReport, at: i64) -> Result<()> {
    let total = report.total_records().max(1);
    for (&of, &records) in &report.records {
        let volume = Volume {
            account: read.name.account.clone().unwrap_or_default(),
            region: read.name.region.clone().unwrap_or_default(),
            kind: kind(of).to_owned(),
            objects: 1,
            // An object may hold two kinds; its bytes go to them as its records do.
            bytes: i64::try_from(u128::from(report.bytes) * u128::from(records) / u128::from(total))
                .unwrap_or(i64::MAX),
            records: i64::try_from(records).unwrap_or(i64::MAX),
            last_event: report.span.map_or(0, |(_, last)| last.as_millis()),
            last_read: at,
        };
        volume::add(sql, &volume)?;
    }
    Ok(())
}
