//! Explains one finding of an earlier scan.

use super::{detector, paragraph};
use crate::exit::{Code, Failure, Outcome};
use picquet_model::{Finding, Severity, TypeId};
use picquet_source::read_small;
use std::path::Path;

/// Findings are read back within this bound.
const MAX_FILE: u64 = 1 << 30;

/// Looks the finding up and explains it.
pub fn run(id: &str, file: &Path) -> Outcome {
    let bytes = read_small(file, MAX_FILE)
        .map_err(|e| Failure::new(Code::Input, format!("cannot read {}: {e}", file.display())))?;
    let text = String::from_utf8_lossy(&bytes);
    let findings: Vec<Finding> = match serde_json::from_str::<Vec<Finding>>(&text) {
        Ok(all) => all,
        Err(_) => text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
    };
    if findings.is_empty() {
        return Err(Failure::new(Code::Input, format!("{} holds no finding", file.display()))
            .help("give what `picquet scan --format json` or ndjson wrote"));
    }
    let Some(f) = findings.iter().find(|f| f.id == id) else {
        return Err(Failure::new(Code::Input, format!("{} holds no finding with the id {id}", file.display())));
    };
    say!("{}", explain(f));
    Ok(Code::Done)
}

fn explain(f: &Finding) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: &str| {
        if !text.is_empty() {
            out.push_str(&paragraph(name, &visible(text)));
        }
    };
    line("Finding", &f.id);
    line("Type", &f.finding_type);
    line("Severity", &format!("{} ({:.1})", Severity::of(f.severity), f.severity));
    line("Where", &format!("account {}, {}", f.account_id, f.region));
    line(
        "Seen",
        &format!("{} times, {} to {}", f.service.count, f.service.event_first_seen, f.service.event_last_seen),
    );
    line("What", &f.description);
    let info = f.service.additional_info.members();
    if let Some(why) = info.get("picquet") {
        line("Why", why["why"].as_str().unwrap_or_default());
        for o in why["observations"].as_array().into_iter().flatten() {
            let against = o["against"].as_str().map_or_else(String::new, |a| format!(" (against {a})"));
            let observed = o["observed"].as_str().unwrap_or_default();
            line("", &format!("{}: {observed}{against}", o["name"].as_str().unwrap_or_default()));
        }
    }
    for list in f.service.evidence.iter().flat_map(|e| &e.threat_intelligence_details) {
        line("List", &format!("{} {}", list.threat_list_name, list.threat_names.join(", ")));
    }
    if let Some(row) = TypeId::of(&f.finding_type).map(TypeId::row) {
        if let Some(meta) = detector(row) {
            line("Benign causes", meta.benign);
        }
        line("What to do", &row.remediation);
    }
    out
}

/// Text of logs for a terminal: control and direction characters are shown, not obeyed.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let hidden = c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
            let shown: Vec<char> = if hidden { c.escape_unicode().collect() } else { vec![c] };
            shown
        })
        .collect()
}
