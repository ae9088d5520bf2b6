//! Horizontal bars, stacked by severity, as inline SVG.
//!
//! Lengths are percentages and text is in pixels, so a chart fits a phone and a wide screen without
//! scaling its letters. The label stands above its bar: it may then be as long as the chart is wide.

use super::page::Page;
use crate::units;
use picquet_model::Severity;

/// Counts by severity, in the order of [`Severity::ALL`].
pub(super) type Counts = [u64; 4];

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) counts: Counts,
}

impl Bar {
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The place of a severity in [`Counts`].
pub(super) fn slot(severity: Severity) -> usize {
    severity as usize
}

/// Pixels of one bar with its label.
const ROW: i64 = 38;
/// Characters of a label; what a narrow screen has no room for is cut off by the drawing.
const LABEL: usize = 80;

/// Writes a figure of bars with its text summary and its table.
pub(super) fn write(id: &'static str, title: &'static str, text: &str, bars: &[Bar], page: &mut Page) {
    open(id, title, text, page);
    let most = bars.iter().map(Bar::total).max().unwrap_or(1).max(1) as f64;
    page.raw("<svg role=img width=\"100%\" height=\"").int(ROW * bars.len() as i64).raw("\" aria-labelledby=\"");
    page.raw(id).raw("-t ").raw(id).raw("-d\"><title id=").raw(id).raw("-t>").raw(title).raw("</title><desc id=");
    page.raw(id).raw("-d>").text(text).raw("</desc>");
    for (i, bar) in bars.iter().enumerate() {
        let top = ROW * i as i64;
        // A drawing in the drawing keeps the label from running into the number.
        page.raw("<svg width=\"88%\" height=18 y=").int(top).raw("><text x=0 y=13 class=label>");
        page.label(&bar.label, LABEL).raw("</text></svg>");
        page.raw("<text x=\"100%\" y=").int(top + 13).raw(" class=\"label end\">").number(bar.total()).raw("</text>");
        page.raw("<rect x=0 width=\"100%\" height=10 rx=2 y=").int(top + 19).raw(" class=track />");
        let mut from = 0;
        for severity in Severity::ALL.into_iter().rev() {
            let count = bar.counts[slot(severity)];
            if count > 0 {
                page.raw("<rect x=\"").percent(from as f64 * 100.0 / most).raw("\" width=\"");
                page.percent(count as f64 * 100.0 / most).raw("\" height=10 y=").int(top + 19);
                page.raw(" class=").class(severity).raw(" />");
            }
            from += count;
        }
    }
    page.raw("</svg>");
    table(bars.iter(), page);
}

/// Opens a figure with its caption.
pub(super) fn open(id: &'static str, title: &'static str, text: &str, page: &mut Page) {
    page.raw("<figure id=").raw(id).raw("><figcaption><h3>").raw(title).raw("</h3><p>").text(text);
    page.raw("</p></figcaption>");
}

/// Writes the numbers behind a chart, and closes the figure.
pub(super) fn table<'a>(bars: impl Iterator<Item = &'a Bar>, page: &mut Page) {
    page.raw("<details class=numbers><summary>Numbers</summary><div class=scroll><table><thead><tr><th scope=col>");
    page.raw("<span class=hidden>What</span>");
    for severity in Severity::ALL.into_iter().rev() {
        page.raw("<th scope=col>").raw(severity.name());
    }
    page.raw("<th scope=col>All</thead><tbody>");
    for bar in bars {
        page.raw("<tr><th scope=row>").text_to(&bar.label, 200);
        for severity in Severity::ALL.into_iter().rev() {
            page.raw("<td>").number(bar.counts[slot(severity)]);
        }
        page.raw("<td>").number(bar.total());
    }
    page.raw("</tbody></table></div></details></figure>");
}

/// `3 critical, 1 low`.
pub(super) fn words(counts: &Counts) -> String {
    let parts: Vec<_> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|s| counts[slot(*s)] > 0)
        .map(|s| format!("{} {}", units::grouped(counts[slot(s)]), s.name().to_lowercase()))
        .collect();
    parts.join(", ")
}
