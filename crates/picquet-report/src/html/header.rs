//! The top of the page: the worst problem in one sentence, what was examined, and a tile a severity.

use super::page::Page;
use crate::closing;
use crate::summary::Summary;
use crate::units;
use crate::view::View;
use picquet_model::Severity;

/// Writes the header.
pub(super) fn write(views: &[View<'_>], summary: &Summary, page: &mut Page) {
    page.raw("<header><p class=brand>Picquet report</p><h1>");
    match views {
        [] => page.text(&closing::nothing_found(summary)),
        [worst, ..] => page.text_to(&worst.headline(), 300),
    };
    page.raw("</h1>");
    if let Some(worst) = views.first() {
        page.raw("<p class=lead>").badge(worst.severity(), worst.finding.severity).raw(" The worst of ");
        page.text(&units::counted(views.len() as u64, "finding")).raw(": <a href=\"#f-");
        page.text(&worst.finding.id).raw("\"><code>").text(&worst.finding.finding_type).raw("</code></a> on <code>");
        page.text_to(&worst.resource(), 120).raw("</code>, account ").text_to(&worst.finding.account_id, 40);
        page.raw(", ").text_to(&worst.finding.region, 40).raw(".</p>");
    }
    page.raw("<p class=examined>Examined ").text(&closing::read_short(summary));
    if let Some(period) = closing::period(summary) {
        page.raw(", ").text(&period);
    }
    if !summary.accounts.is_empty() {
        page.raw(", ").text(&units::counted(summary.accounts.len() as u64, "account")).raw(" and ");
        page.text(&units::counted(summary.regions.len() as u64, "region"));
    }
    page.raw(". All times are UTC.</p>");
    warnings(summary, !views.is_empty(), page);
    if !views.is_empty() {
        tiles(views, page);
    }
    page.raw("</header>");
}

/// What a reader must know before trusting the page.
fn warnings(summary: &Summary, shown: bool, page: &mut Page) {
    if summary.is_partial() {
        page.raw("<p class=warning><strong>Part of the input could not be read.</strong> ");
        if summary.objects_unreadable > 0 {
            let objects = units::counted(summary.objects_unreadable, "object");
            page.text(&objects).raw(" could not be opened. ");
        }
        if summary.defects_total() > 0 {
            page.text(&units::counted(summary.defects_total(), "defect")).raw(" in the others. ");
        }
        page.raw("<a href=\"#read\">What was read</a></p>");
    }
    // Where nothing is shown, the headline says it.
    if shown && summary.findings_hidden > 0 {
        page.raw("<p class=note>").text(&units::counted(summary.findings_hidden, "more finding"));
        page.raw(" were left out by the filters of this run.</p>");
    }
}

fn tiles(views: &[View<'_>], page: &mut Page) {
    page.raw("<ul class=tiles aria-label=\"Findings by severity\">");
    for severity in Severity::ALL.into_iter().rev() {
        let count = views.iter().filter(|v| v.severity() == severity).count();
        let empty = if count == 0 { " none" } else { "" };
        page.raw("<li class=\"tile ").class(severity).raw(empty).raw("\"><b>").number(count as u64);
        page.raw("</b> <span>").raw(severity.name()).raw("</span></li>");
    }
    page.raw("</ul>");
}
