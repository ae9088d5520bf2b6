//! `picquet explain`: what a finding type means, why a finding was raised, why one was not.

mod finding;
mod why_not;

use crate::cli::ExplainArgs;
use crate::config;
use crate::exit::{Code, Failure, Outcome};
use picquet_detect::Tuning;
use picquet_detect::detectors::{DETECTORS, Meta};
use picquet_detect::tuning::nearest;
use picquet_model::catalogue::{self, Status};
use picquet_model::{FindingType, Severity, Source, TypeId};
use wildmatch::WildMatch;

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Outcome {
    if let (Some(name), Some(entity)) = (&args.why_not, &args.entity) {
        let finding_type = TypeId::of(name)
            .ok_or_else(|| Failure::new(Code::Config, format!("no finding type '{name}'{}", nearest(name))))?;
        // With --why-not nothing is to be explained by name: the first argument is a path like the others.
        let mut input = args.input.clone();
        input.paths.splice(0..0, args.what.iter().map(Into::into));
        return why_not::run(finding_type, entity, &input);
    }
    let what = args.what.as_deref().unwrap_or_default();
    if is_id(what) {
        let Some(file) = &args.findings else {
            return Err(Failure::new(Code::Config, "a finding's id needs the findings it is one of")
                .help("give the scan's output: picquet explain ID --findings findings.ndjson"));
        };
        return finding::run(what, file);
    }
    let tuning = config::load(args.input.world.config.as_deref())?;
    let pattern = WildMatch::new(what);
    let rows: Vec<&FindingType> = catalogue::all().iter().filter(|row| pattern.matches(&row.name)).collect();
    match rows.as_slice() {
        [] => Err(Failure::new(Code::Config, format!("no finding type '{what}'{}", nearest(what)))
            .help("`picquet explain '*'` lists all of them")),
        [row] => {
            say!("{}", one(row, &tuning));
            Ok(Code::Done)
        }
        rows => {
            for row in rows {
                sayln!("{:<10} {:<9} {}", Severity::of(row.severity).name(), state(row, &tuning), row.name);
            }
            Ok(Code::Done)
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a type is raised with these settings.
fn state(row: &FindingType, tuning: &Tuning) -> &'static str {
    match (row.detector.is_empty(), TypeId::of(&row.name).is_some_and(|t| tuning.raises(t)), row.status) {
        (true, _, _) => "not yet",
        (false, true, _) => "raised",
        (false, false, Status::Retired) => "retired",
        (false, false, Status::Active) => "off",
    }
}

fn detector(row: &FindingType) -> Option<&'static Meta> {
    DETECTORS.iter().copied().find(|d| d.name == row.detector)
}

/// The settings that a detector reads, as a table of the configuration file.
fn settings(detector: &str, tuning: &Tuning) -> Option<String> {
    let name = match detector {
        "s3-anomaly" => "api_anomaly".to_owned(),
        "portscan" => "port_scan".to_owned(),
        other => other.replace('-', "_"),
    };
    // A table has the name of its detector. Settings can always be written.
    let all = toml::Table::try_from(tuning).ok()?;
    let table = toml::to_string(all.get(&name)?).ok()?;
    Some(format!("[{name}]\n{table}"))
}

fn one(row: &FindingType, tuning: &Tuning) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: &str| {
        if !text.is_empty() {
            out.push_str(&paragraph(name, text));
        }
    };
    let source = match row.source {
        Source::Cloudtrail => "CloudTrail management events",
        Source::S3Data => "CloudTrail data events of S3",
        Source::Flow => "VPC Flow Logs",
        Source::Dns => "Route 53 Resolver query logs",
    };
    line("Type", &row.name);
    let here = match state(row, tuning) {
        "raised" => "raised",
        "off" => "switched off by the settings",
        "retired" => "retired by AWS; raised only with [detection] retired_types = true",
        _ => "not raised by this version",
    };
    line("Here", here);
    line("Severity", &format!("{} ({:.1}). {}", Severity::of(row.severity), row.severity, row.severity_note));
    line("Resource", &format!("{} as {}", row.resource, row.role.to_lowercase()));
    line("Reads", source);
    line("Means", &plain(&row.description));
    line("Raised when", &row.trigger);
    if let Some(meta) = detector(row) {
        line("Detector", meta.name);
        line("Decides", meta.decides);
        line("Benign causes", meta.benign);
    }
    line("ATT&CK", &row.attack.join(", "));
    line("What to do", &row.remediation);
    if let Some(settings) = settings(&row.detector, tuning) {
        out.push_str("Settings\n");
        for l in settings.lines() {
            out.push_str(&format!("    {l}\n"));
        }
    }
    out
}

/// A template as a general sentence: `{remote_ip}` becomes `<remote ip>`.
fn plain(template: &str) -> String {
    template.replace('{', "<").replace('}', ">").replace('_', " ")
}

/// A name and its text, wrapped at 100 columns.
fn paragraph(name: &str, text: &str) -> String {
    const INDENT: usize = 16;
    const WIDTH: usize = 100;
    let mut out = format!("{name:<INDENT$}");
    let mut column = INDENT;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > INDENT && column + length > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(INDENT));
            column = INDENT;
        }
        out.push_str(word);
        out.push(' ');
        column += length + 1;
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_can_be_explained() {
        for row in catalogue::all() {
            let text = one(row, &Tuning::default());
            assert!(text.contains(&row.name) && text.contains("What to do"), "{text}");
            // A setting is one line, to be copied.
            let mut prose = text.lines().filter(|l| !l.contains(" = ["));
            assert!(prose.all(|l| l.chars().count() <= 130), "{text}");
        }
    }
}
