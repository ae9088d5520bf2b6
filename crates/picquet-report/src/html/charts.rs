//! The charts: by severity, by type, by day, by resource, and the timeline.

use super::bars::{self, Bar, Counts, slot};
use super::page::Page;
use super::{days, timeline};
use crate::units;
use crate::view::View;
use picquet_model::Severity;
use std::collections::BTreeMap;

/// Bars that a chart shows; the rest is summed up in one more.
const MOST_BARS: usize = 8;

/// Writes all charts.
pub(super) fn write(views: &[View<'_>], page: &mut Page) {
    page.raw("<section aria-labelledby=overview-title><h2 id=overview-title>Overview</h2>");
    legend(page);
    page.raw("<div class=charts>");
    severities(views, page);
    named("types", "By finding type", "type", views, |v| v.finding.finding_type.clone(), page);
    named("resources", "By resource", "resource", views, |v| v.resource(), page);
    page.raw("</div>");
    days::write(views, page);
    timeline::write(views, page);
    page.raw("</section>");
}

/// The colours, with their words.
fn legend(page: &mut Page) {
    page.raw("<ul class=legend aria-label=\"Colours of severities\">");
    for severity in Severity::ALL.into_iter().rev() {
        page.raw("<li><svg width=12 height=12 aria-hidden=true><rect width=12 height=12 rx=2 class=");
        page.class(severity).raw(" /></svg> ").raw(severity.name()).raw("</li>");
    }
    page.raw("</ul>");
}

fn severities(views: &[View<'_>], page: &mut Page) {
    let mut counts: Counts = [0; 4];
    views.iter().for_each(|v| counts[slot(v.severity())] += 1);
    let bars: Vec<_> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| {
            let mut own: Counts = [0; 4];
            own[slot(severity)] = counts[slot(severity)];
            Bar { label: severity.name().into(), counts: own }
        })
        .collect();
    let text = format!("{}: {}.", units::counted(views.len() as u64, "finding"), bars::words(&counts));
    bars::write("severities", "By severity", &text, &bars, page);
}

/// Bars by a name that findings share, the longest first.
fn named(
    id: &'static str,
    title: &'static str,
    word: &'static str,
    views: &[View<'_>],
    name: impl Fn(&View<'_>) -> String,
    page: &mut Page,
) {
    let mut by_name: BTreeMap<String, Counts> = BTreeMap::new();
    for v in views {
        by_name.entry(name(v)).or_default()[slot(v.severity())] += 1;
    }
    let mut all: Vec<_> = by_name.into_iter().map(|(label, counts)| Bar { label, counts }).collect();
    // Longest first, then the more severe, then the name (the map's order, which the sort keeps).
    all.sort_by_key(|bar| std::cmp::Reverse((bar.total(), bar.counts[3], bar.counts[2])));
    let kinds = units::counted(all.len() as u64, word);
    let text = match all.first() {
        Some(first) if all.len() > 1 => {
            format!("{kinds}. Most findings, {}: {}.", units::grouped(first.total()), shortened(&first.label))
        }
        _ => format!("{kinds}."),
    };
    let rest = all.split_off(all.len().min(MOST_BARS));
    if !rest.is_empty() {
        let mut counts: Counts = [0; 4];
        for bar in &rest {
            (0..4).for_each(|i| counts[i] += bar.counts[i]);
        }
        all.push(Bar { label: more_of(rest.len(), word), counts });
    }
    bars::write(id, title, &text, &all, page);
}

/// `1 more type`, `12 more resources`.
fn more_of(count: usize, word: &str) -> String {
    units::counted(count as u64, &format!("more {word}"))
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= 80 { label.to_owned() } else { label.chars().take(79).chain(['…']).collect() }
}
