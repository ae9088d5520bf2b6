//! The closing summary: what was read, what was lost, and what could therefore not be seen.

use crate::escape::{SHORT, visible};
use crate::options::Options;
use crate::summary::{Defect, Summary};
use crate::units;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many lines of a kind are shown when not asked for more.
const FEW: usize = 5;

/// The closing summary, for stderr. It ends with a line feed, and without defects it is a few lines.
pub fn summary_text(summary: &Summary, options: &Options) -> String {
    let few = if options.verbose >= 2 { usize::MAX } else { FEW };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Read {}", read(summary));
    for (kind, n) in by_size(&summary.records).into_iter().take(FEW * 2) {
        let _ = writeln!(text, "  {:>14}  {}", units::grouped(n), visible(kind, SHORT));
    }
    if let Some(period) = period(summary) {
        let _ = writeln!(text, "Period {period}");
    }
    if !summary.accounts.is_empty() {
        let _ = writeln!(text, "Scope {}", scope(summary));
    }
    if !summary.lists.is_empty() {
        let entries = summary.lists.iter().fold(0u64, |sum, list| sum.saturating_add(list.entries));
        let lists = units::counted(summary.lists.len() as u64, "list");
        let _ = writeln!(text, "Matched against {lists} with {}", entries_word(entries));
    }
    skipped(summary, options.verbose, &mut text);
    defects(summary, few, &mut text);
    let missing = &summary.detectors_without_data;
    if !missing.is_empty() {
        let _ = writeln!(text, "{} had no data to look at:", units::counted(missing.len() as u64, "detector"));
        let mut by_need: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for m in missing {
            by_need.entry(&m.needs).or_default().push(&m.detector);
        }
        for (needs, detectors) in by_need {
            let names: Vec<_> = detectors.iter().take(few).map(|d| visible(d, SHORT)).collect();
            let more = more(detectors.len(), few);
            let _ = writeln!(text, "  needs {}: {}{more}", visible(needs, SHORT), names.join(", "));
        }
    }
    if summary.findings_hidden > 0 {
        let hidden = units::counted(summary.findings_hidden, "finding");
        let verb = if summary.findings_hidden == 1 { "is" } else { "are" };
        let _ = writeln!(text, "{hidden} {verb} hidden by filters");
    }
    for note in &summary.notes {
        let _ = writeln!(text, "note: {}", visible(note, SHORT * 2));
    }
    text
}

/// What the table says when there is nothing to show: what was examined, and what was not.
pub(crate) fn nothing_found(summary: &Summary) -> String {
    if summary.findings_hidden > 0 {
        let hidden = units::counted(summary.findings_hidden, "finding");
        return format!("Nothing to show: your filters hide {hidden}.");
    }
    if summary.records_total() == 0 {
        return "No findings, because no records were read. See the summary for what was skipped.".into();
    }
    let period = period(summary).map(|p| format!(", {p}")).unwrap_or_default();
    let mut text = format!("No findings in {}{period}.", read_short(summary));
    let missing = summary.detectors_without_data.len() as u64;
    if missing > 0 {
        let _ = write!(text, " {} had no data to look at.", units::counted(missing, "detector"));
    }
    if summary.is_partial() {
        text.push_str(" Part of the input could not be read, so this is not the whole picture.");
    }
    text
}

/// `4,200,000 records in 1,203 objects`.
pub(crate) fn read_short(summary: &Summary) -> String {
    format!("{} in {}", units::counted(summary.records_total(), "record"), units::counted(summary.objects, "object"))
}

/// What was read, how much and how fast.
fn read(summary: &Summary) -> String {
    let mut text = read_short(summary);
    let _ = write!(text, ", {}", units::bytes(summary.bytes));
    if summary.bytes_read > 0 && summary.bytes_read != summary.bytes {
        let _ = write!(text, " ({} compressed)", units::bytes(summary.bytes_read));
    }
    if summary.elapsed_secs > 0.0 && summary.elapsed_secs.is_finite() {
        let _ = write!(text, ", in {}", units::seconds(summary.elapsed_secs));
        if summary.elapsed_secs >= 0.5 {
            let rate = summary.records_total() as f64 / summary.elapsed_secs;
            let _ = write!(text, " ({} records/s)", units::grouped(rate as u64));
        }
    }
    text
}

/// `2024-05-01 00:00 to 2024-05-30 23:59 UTC (29 days)`.
pub(crate) fn period(summary: &Summary) -> Option<String> {
    let (first, last) = (summary.first_event?, summary.last_event?);
    Some(format!("{} to {} UTC ({})", units::minute(first), units::minute(last), units::span(first, last)))
}

/// `2 accounts (1111, 2222), 1 region (us-east-1)`.
pub(crate) fn scope(summary: &Summary) -> String {
    let part = |word: &str, names: &std::collections::BTreeSet<String>| {
        let shown: Vec<_> = names.iter().take(FEW).map(|name| visible(name, 40)).collect();
        let (count, list) = (units::counted(names.len() as u64, word), shown.join(", "));
        format!("{count} ({list}{})", more(names.len(), FEW))
    };
    let mut text = part("account", &summary.accounts);
    if !summary.regions.is_empty() {
        let _ = write!(text, ", {}", part("region", &summary.regions));
    }
    text
}

fn skipped(summary: &Summary, verbose: u8, text: &mut String) {
    let total = summary.objects_skipped.values().fold(0u64, |sum, n| sum.saturating_add(*n));
    if total > 0 {
        let _ = writeln!(text, "Skipped {}:", units::counted(total, "object"));
        for (why, n) in by_size(&summary.objects_skipped).into_iter().take(FEW * 2) {
            let _ = writeln!(text, "  {:>14}  {}", units::grouped(n), visible(why, SHORT));
        }
    }
    let shown = match verbose {
        0 => 0,
        1 => FEW,
        _ => usize::MAX,
    };
    for (object, why) in summary.skipped_examples.iter().take(shown) {
        let _ = writeln!(text, "  e.g. {}: {}", visible(object, SHORT * 2), visible(why, SHORT));
    }
}

fn defects(summary: &Summary, few: usize, text: &mut String) {
    if summary.objects_unreadable > 0 {
        let _ = writeln!(text, "warning: {} could not be read", units::counted(summary.objects_unreadable, "object"));
    }
    let total = summary.defects_total();
    if total == 0 {
        return;
    }
    let _ =
        writeln!(text, "warning: {} in the input; what they held was not examined:", units::counted(total, "defect"));
    for (cause, n) in by_size(&summary.defects).into_iter().take(few.saturating_mul(2)) {
        let _ = writeln!(text, "  {:>14}  {}", units::grouped(n), visible(cause, SHORT));
    }
    for defect in summary.defect_examples.iter().take(few) {
        let _ = writeln!(text, "  e.g. {}: {}", visible(&place(defect), SHORT * 2), visible(&defect.cause, SHORT));
    }
}

/// `object, line 812, byte 91823`.
pub(crate) fn place(defect: &Defect) -> String {
    let mut text = defect.object.clone();
    if let Some(line) = defect.line {
        let _ = write!(text, ", line {line}");
    }
    if let Some(offset) = defect.offset {
        let _ = write!(text, ", byte {offset}");
    }
    text
}

/// The largest first; equals by name.
pub(crate) fn by_size(counts: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    let mut list: Vec<_> = counts.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    list
}

fn more(all: usize, shown: usize) -> String {
    if all > shown { format!(" and {} more", all - shown) } else { String::new() }
}

fn entries_word(n: u64) -> String {
    if n == 1 { "1 entry".into() } else { format!("{} entries", units::grouped(n)) }
}
