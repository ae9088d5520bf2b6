//! The table of all findings.

use super::page::Page;
use super::{DETAIL_LIMIT, ROW_LIMIT};
use crate::units;
use crate::view::View;

/// Writes the table, the worst first.
pub(super) fn write(views: &[View<'_>], page: &mut Page) {
    page.raw("<section aria-labelledby=findings-title><h2 id=findings-title>Findings</h2>");
    if views.len() > ROW_LIMIT {
        page.raw("<p class=note>The table has the ").number(ROW_LIMIT as u64).raw(" findings to look at first. All ");
        page.number(views.len() as u64).raw(" are in the JSON and CSV outputs.</p>");
    }
    page.raw("<div id=tools hidden></div><div class=\"scroll wide\"><table id=findings><thead><tr>");
    page.raw("<th scope=col data-kind=number>Severity<th scope=col>Type<th scope=col>Resource<th scope=col>What");
    page.raw("<th scope=col>Account and region<th scope=col data-kind=number>Count<th scope=col>First and last (UTC)");
    page.raw("</thead><tbody>");
    for (place, view) in views.iter().take(ROW_LIMIT).enumerate() {
        row(*view, place, page);
    }
    page.raw("</tbody></table></div></section>");
}

fn row(v: View<'_>, place: usize, page: &mut Page) {
    let f = v.finding;
    page.raw("<tr data-severity=").class(v.severity()).raw("><td data-label=Severity data-sort=\"");
    page.text(&units::score(f.severity)).raw("\">").badge(v.severity(), f.severity);
    page.raw("<td data-label=Type class=type>");
    if place < DETAIL_LIMIT {
        page.raw("<a href=\"#f-").text(&f.id).raw("\">");
        breakable(&f.finding_type, page);
        page.raw("</a>");
    } else {
        breakable(&f.finding_type, page);
    }
    page.raw("<td data-label=Resource><code>").text_to(&v.resource(), 120).raw("</code>");
    page.raw("<td data-label=What>").text_to(&v.what(), 160);
    page.raw("<td data-label=Account><div>")
        .text_to(&f.account_id, 40)
        .raw("<br>")
        .text_to(&f.region, 40)
        .raw("</div>");
    page.raw("<td data-label=Count class=end data-sort=").int(v.count().min(i64::MAX as u64) as i64).raw(">");
    page.number(v.count()).raw("<td data-label=Seen data-sort=\"").text(&f.service.event_first_seen).raw("\"><div>");
    page.time(v.first()).raw("<br>").time(v.last()).raw("</div>");
}

/// A finding type, which may break after its punctuation.
pub(super) fn breakable(kind: &str, page: &mut Page) {
    for part in kind.split_inclusive([':', '/', '.', '!']) {
        page.text_to(part, 200).raw("<wbr>");
    }
}
