//! `picquet lists`: checks and shows threat lists.

use crate::cli::{ListsArgs, ListsCommand};
use crate::exit::{Code, Failure, Outcome};
use picquet_intel::{Category, IntelBuilder, MAX_REJECTED};
use picquet_source::read_small;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ListsArgs) -> Outcome {
    match &args.command {
        ListsCommand::Check { file, category } => check(file, *category),
        ListsCommand::Show => {
            let mut builder = IntelBuilder::with_seed(0);
            builder.default_feeds(&[]);
            for list in builder.build().lists() {
                let category = list.category.map_or_else(|| "trusted".into(), |c| c.to_string());
                let from = list
                    .bundled
                    .as_ref()
                    .map_or_else(String::new, |b| format!("{}, {}, {}", b.date, b.licence, b.origin));
                sayln!("{category:<18} {:>8}  {}  ({from})", list.entries, list.name);
            }
            Ok(Code::Done)
        }
        ListsCommand::Table => {
            say!("{}", picquet_intel::table_markdown());
            Ok(Code::Done)
        }
    }
}

fn check(file: &Path, category: Option<Category>) -> Outcome {
    let bytes = read_small(file, 256 << 20)
        .map_err(|e| Failure::new(Code::Input, format!("cannot read {}: {e}", file.display())))?;
    let mut builder = IntelBuilder::with_seed(0);
    let report = match category {
        Some(category) => builder.feed(category, "check", &bytes),
        None => builder.threat_list("check", &bytes),
    };
    sayln!(
        "{}: {:?}, {} entries: {} addresses, {} CIDRs, {} domains, {} access keys",
        file.display(),
        report.format,
        report.entries,
        report.ips,
        report.cidrs,
        report.domains,
        report.keys
    );
    if report.hashes > 0 {
        sayln!("{} file hashes are left out: no log of these sources can match them", report.hashes);
    }
    for rejected in &report.rejected {
        sayln!("{rejected}");
    }
    if report.rejected_total > report.rejected.len() {
        sayln!("... and {} more (only {MAX_REJECTED} are shown)", report.rejected_total - report.rejected.len());
    }
    if report.entries == 0 {
        return Err(Failure::new(Code::Input, format!("{}: no entry can be used", file.display())));
    }
    Ok(Code::Done)
}
