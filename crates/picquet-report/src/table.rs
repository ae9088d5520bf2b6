//! The table that a terminal shows: one block a severity, the worst first.
//!
//! Three layouts, by width: all columns in one line from 150 columns on where the types leave room, two lines
//! a finding from 116, else three. A finding's type is never cut, and neither is its resource before all else in the line was.

use crate::closing;
use crate::escape::{SHORT, visible};
use crate::options::Options;
use crate::summary::Summary;
use crate::units;
use crate::view::{View, worst_first};
use picquet_model::{Finding, Severity};
use std::collections::BTreeMap;
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// From here on a finding fits into one line.
const ONE_LINE: usize = 150;
/// From here on it fits into two.
const TWO_LINES: usize = 116;
/// The widest column of resources.
const MOST_RESOURCE: usize = 40;
/// What a truncated resource keeps: an instance id with its `i-` has 19 characters.
const LEAST_RESOURCE: usize = 20;

/// Writes the table and its closing lines.
pub(crate) fn write(findings: &[Finding], summary: &Summary, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "{}", closing::nothing_found(summary));
    }
    let paint = Paint { on: options.color };
    let views = worst_first(findings);
    let widths = Widths::of(&views, options.columns());
    for severity in Severity::ALL.into_iter().rev() {
        let group: Vec<_> = views.iter().filter(|v| v.severity() == severity).collect();
        if group.is_empty() {
            continue;
        }
        let heading = format!("{} · {}", severity.name().to_uppercase(), units::counted(group.len() as u64, "finding"));
        writeln!(out, "{}", paint.severity(severity, &heading))?;
        if widths.columns >= ONE_LINE {
            writeln!(out, "{}", paint.dim(&widths.header()))?;
        }
        for view in group {
            widths.finding(*view, options, paint, out)?;
        }
        writeln!(out)?;
    }
    write_worst(&views, paint, widths.columns, out)
}

/// The lines at the end, where a terminal leaves the eye: which resources to look at first.
fn write_worst(views: &[View<'_>], paint: Paint, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 3;
    // Views are in order of urgency, so a resource's first place is that of its worst finding.
    let mut places: BTreeMap<(&str, String), (usize, usize)> = BTreeMap::new();
    for (place, view) in views.iter().enumerate() {
        places.entry((&view.finding.account_id, view.resource())).or_insert((place, 0)).1 += 1;
    }
    let mut resources: Vec<_> = places.into_iter().collect();
    resources.sort_by_key(|(_, (place, _))| *place);
    writeln!(out, "{}", paint.bold("Look at first"))?;
    for ((account, resource), (place, count)) in resources.iter().take(SHOWN) {
        let worst = &views[*place];
        let more = match count - 1 {
            0 => String::new(),
            more => format!(", and {}", units::counted(more as u64, "more finding")),
        };
        let account = visible(account, 20);
        let resource =
            clip(&visible(resource, SHORT), columns.saturating_sub(account.width() + 14).max(LEAST_RESOURCE));
        writeln!(out, "  {resource} in account {account}{more}")?;
        let severity = format!("{} {}", worst.severity(), units::score(worst.finding.severity));
        let kind = visible(&worst.finding.finding_type, SHORT);
        writeln!(out, "    {} {kind}", paint.severity(worst.severity(), &severity))?;
    }
    if resources.len() > SHOWN {
        writeln!(out, "  and {}", units::counted((resources.len() - SHOWN) as u64, "more resource"))?;
    }
    Ok(())
}

/// The widths of the columns, for all groups the same.
struct Widths {
    columns: usize,
    kind: usize,
    resource: usize,
    what: usize,
    account: usize,
    region: usize,
    count: usize,
}

/// An address with its country, and what it did.
const LEAST_WHAT: usize = 36;
/// `2024-05-01 12:34`.
const TIME: usize = 16;
/// `10.0`, with its margin.
const SCORE: usize = 6;

impl Widths {
    fn of(views: &[View<'_>], columns: usize) -> Self {
        let widest = |of: &dyn Fn(&View<'_>) -> usize, least: usize| views.iter().map(of).max().unwrap_or(0).max(least);
        let kind = widest(&|v| visible(&v.finding.finding_type, SHORT).width(), 4);
        let resource = widest(&|v| visible(&v.resource(), SHORT).width(), LEAST_RESOURCE).min(MOST_RESOURCE);
        let account = widest(&|v| visible(&v.finding.account_id, 20).width(), 7);
        let region = widest(&|v| visible(&v.finding.region, 20).width(), 6);
        let count = widest(&|v| units::grouped(v.count()).len(), 5);
        let fixed = SCORE + kind + 2 + account + 2 + region + 2 + count + 2 + TIME + 2 + TIME;
        // The resource gives way first to leave the next column its least, and never below its own least.
        let resource = resource.min(columns.saturating_sub(fixed + 2 + LEAST_WHAT + 2)).max(LEAST_RESOURCE);
        let what = columns.saturating_sub(fixed + resource + 4);
        // Where long types leave nothing for the rest, the layout of two lines is the better one.
        let columns = if what < LEAST_WHAT { columns.min(ONE_LINE - 1) } else { columns };
        Self { columns, kind, resource, what, account, region, count }
    }

    fn header(&self) -> String {
        format!(
            "{:>4}  {}  {}  {}  {}  {}  {:>count$}  {}  Last (UTC)",
            "Sev",
            pad("Type", self.kind),
            pad("Resource", self.resource),
            pad("What", self.what),
            pad("Account", self.account),
            pad("Region", self.region),
            "Count",
            pad("First (UTC)", TIME),
            count = self.count,
        )
    }

    fn finding(&self, v: View<'_>, options: &Options, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        let f = v.finding;
        let kind = visible(&f.finding_type, SHORT);
        let resource = v.resource();
        let resource = visible(&resource, SHORT);
        let what = v.what();
        let what = visible(&what, SHORT);
        let (account, region) = (visible(&f.account_id, 20), visible(&f.region, 20));
        let count = units::grouped(v.count());
        let [first, last] = [v.first(), v.last()].map(|t| t.map_or_else(|| pad("unknown", TIME), units::minute));
        let score = paint.severity(v.severity(), &format!("{:>4}", units::score(f.severity)));
        if self.columns >= ONE_LINE {
            writeln!(
                out,
                "{score}  {}  {}  {}  {}  {}  {count:>width$}  {first}  {last}",
                pad(&kind, self.kind),
                fit(&resource, self.resource),
                fit(&what, self.what),
                pad(&account, self.account),
                pad(&region, self.region),
                width = self.count,
            )?;
        } else {
            let place = format!("{}  {}  {first} – {last}", pad(&account, self.account), pad(&region, self.region));
            let room = self.columns.saturating_sub(SCORE);
            let count = format!("×{count}");
            // The count stands at the right edge, whatever else is in the line.
            let before = room.saturating_sub(count.width() + 2);
            if self.columns >= TWO_LINES {
                let beside = before.saturating_sub(kind.width() + 2).max(LEAST_RESOURCE);
                let filled = before.saturating_sub(kind.width() + 2);
                let resource = pad(&clip(&resource, beside), filled);
                writeln!(out, "{score}  {}  {resource}  {count}", paint.bold(&kind))?;
                let room = room.saturating_sub(place.width() + 2);
                writeln!(out, "{:SCORE$}{}  {}", "", fit(&what, room), paint.dim(&place))?;
            } else {
                let gap = " ".repeat(before.saturating_sub(kind.width()));
                writeln!(out, "{score}  {}{gap}  {count}", paint.bold(&kind))?;
                let resource = clip(&resource, room);
                // What does not fit beside the resource gets its own line.
                if resource.width() + 2 + what.width() <= room {
                    writeln!(out, "{:SCORE$}{resource}  {what}", "")?;
                } else {
                    writeln!(out, "{:SCORE$}{resource}", "")?;
                    writeln!(out, "{:SCORE$}{}", "", clip(&what, room))?;
                }
                writeln!(out, "{:SCORE$}{}", "", paint.dim(&clip(&place, room)))?;
            }
        }
        if options.verbose > 0 {
            self.why(v, out)?;
        }
        Ok(())
    }

    fn why(&self, v: View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let why = v.why();
        if !why.reason.is_empty() {
            writeln!(out, "{:SCORE$}why: {}", "", visible(&why.reason, SHORT * 2))?;
        }
        for o in why.observations.iter().take(12) {
            let against = o.against.as_ref().map(|a| format!(" (against {})", visible(a, SHORT))).unwrap_or_default();
            writeln!(out, "{:SCORE$}  {}: {}{against}", "", visible(&o.name, SHORT), visible(&o.observed, SHORT))?;
        }
        if why.observations.len() > 12 {
            writeln!(out, "{:SCORE$}  and {} more observations", "", why.observations.len() - 12)?;
        }
        Ok(())
    }
}

/// Filled with blanks up to a width.
fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Cut to a width, with an ellipsis where something was cut.
fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut cut = String::new();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

/// Cut or filled to exactly a width.
fn fit(text: &str, width: usize) -> String {
    pad(&clip(text, width), width)
}

/// ANSI colour, where it is on. The words say the same.
#[derive(Clone, Copy)]
struct Paint {
    on: bool,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
        };
        self.wrap(code, text)
    }

    fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }
}
