//! The end of the page: what was read, what was lost, which lists were used.

use super::page::Page;
use crate::closing::{by_size, period, place, scope};
use crate::summary::Summary;
use crate::units;
use std::collections::BTreeMap;

/// Rows of a table that is as long as the input wants it to be.
const MOST: usize = 50;

/// Writes the section.
pub(super) fn write(summary: &Summary, page: &mut Page) {
    page.raw("<section id=read aria-labelledby=read-title><h2 id=read-title>What was read</h2><dl class=read>");
    page.pair("Objects", &units::grouped(summary.objects));
    page.pair("Log text", &units::bytes(summary.bytes));
    if summary.bytes_read > 0 && summary.bytes_read != summary.bytes {
        page.pair("Read from the source", &units::bytes(summary.bytes_read));
    }
    page.pair("Period", &period(summary).unwrap_or_else(|| "no records".into()));
    if !summary.accounts.is_empty() {
        page.pair("Scope", &scope(summary));
    }
    // How long it took is for the terminal: the report of the same logs is the same, byte for byte.
    page.pair("Version", &summary.version).raw("</dl><div class=columns>");
    counts("Records", "Kind", &summary.records, page);
    counts("Defects: parts of the input that were lost", "Cause", &summary.defects, page);
    counts("Objects left out on purpose", "Reason", &summary.objects_skipped, page);
    lists(summary, page);
    missing(summary, page);
    page.raw("</div>");
    examples(summary, page);
    for note in summary.notes.iter().take(MOST) {
        page.raw("<p class=note>").text(note).raw("</p>");
    }
    page.raw("</section>");
}

fn counts(title: &'static str, head: &'static str, counts: &BTreeMap<String, u64>, page: &mut Page) {
    if counts.is_empty() {
        return;
    }
    page.raw("<div><h3>").raw(title).raw("</h3><table><thead><tr><th scope=col>").raw(head);
    page.raw("<th scope=col class=end>Count</thead><tbody>");
    for (name, n) in by_size(counts).into_iter().take(MOST) {
        page.raw("<tr><th scope=row>").text_to(name, 200).raw("<td class=end>").number(n);
    }
    more(counts.len(), page);
    page.raw("</tbody></table></div>");
}

fn lists(summary: &Summary, page: &mut Page) {
    if summary.lists.is_empty() {
        return;
    }
    page.raw("<div><h3>Lists</h3><table><thead><tr><th scope=col>Name<th scope=col>Category");
    page.raw("<th scope=col class=end>Entries</thead><tbody>");
    for list in summary.lists.iter().take(MOST) {
        page.raw("<tr><th scope=row>").text_to(&list.name, 200).raw("<td>").text_to(&list.category, 100);
        page.raw("<td class=end>").number(list.entries);
    }
    more(summary.lists.len(), page);
    page.raw("</tbody></table></div>");
}

fn missing(summary: &Summary, page: &mut Page) {
    if summary.detectors_without_data.is_empty() {
        return;
    }
    page.raw("<div><h3>Detectors that had no data</h3><table><thead><tr><th scope=col>Detector<th scope=col>Needs");
    page.raw("</thead><tbody>");
    // There are no more detectors than types, so all are shown.
    for m in &summary.detectors_without_data {
        page.raw("<tr><th scope=row><code>").text_to(&m.detector, 200).raw("</code><td>").text_to(&m.needs, 200);
    }
    page.raw("</tbody></table></div>");
}

fn examples(summary: &Summary, page: &mut Page) {
    if summary.defect_examples.is_empty() {
        return;
    }
    page.raw("<h3>Examples of defects</h3><ul class=examples>");
    for defect in summary.defect_examples.iter().take(MOST) {
        page.raw("<li><code>").text_to(&place(defect), 400).raw("</code>: ").text_to(&defect.cause, 200).raw("</li>");
    }
    page.raw("</ul>");
}

fn more(all: usize, page: &mut Page) {
    if all > MOST {
        page.raw("<tr><td>and ").number((all - MOST) as u64).raw(" more");
    }
}
