//! The timeline: each finding from its first to its last activity.

use super::bars;
use super::page::Page;
use crate::units;
use crate::view::View;
use picquet_model::EventTime;

/// Findings that are drawn, the worst first.
const SHOWN: usize = 25;
/// Pixels of one row.
const ROW: i64 = 34;

/// Writes the chart; nothing where no finding has a time.
pub(super) fn write(views: &[View<'_>], page: &mut Page) {
    let mut rows: Vec<_> = views.iter().filter_map(|v| Some((*v, v.first()?, v.last()?))).take(SHOWN).collect();
    let (Some(from), Some(to)) = (rows.iter().map(|r| r.1).min(), rows.iter().map(|r| r.2.max(r.1)).max()) else {
        return;
    };
    // What is read from left to right begins on the left.
    rows.sort_by_key(|(v, first, _)| (*first, v.finding.id.as_str()));
    let left_out = views.len() - rows.len();
    let rest = if left_out == 0 {
        String::new()
    } else {
        format!(" The {} to look at first; {} more are in the table.", rows.len(), units::grouped(left_out as u64))
    };
    let text = format!(
        "From the first to the last activity of each finding, {} to {} UTC.{rest}",
        units::minute(from),
        units::minute(to),
    );
    let height = ROW * rows.len() as i64 + 24;
    bars::open("timeline", "Timeline", &text, page);
    page.raw("<svg role=img width=\"100%\" height=").int(height).raw(" aria-labelledby=\"timeline-t timeline-d\">");
    page.raw("<title id=timeline-t>Timeline of findings</title><desc id=timeline-d>").text(&text).raw("</desc>");
    for quarter in 0..=4 {
        let x = quarter as f64 * 25.0;
        page.raw("<line class=grid y1=0 x1=\"").percent(x).raw("\" x2=\"").percent(x).raw("\" y2=").int(height - 20);
        page.raw(" />");
    }
    for (i, (v, first, last)) in rows.iter().enumerate() {
        row(*v, (*first, *last), (from, to), ROW * i as i64, page);
    }
    for (x, time, anchor) in [(0.0, from, "start"), (100.0, to, "end")] {
        page.raw("<text x=\"").percent(x).raw("\" y=").int(height - 5).raw(" class=\"label ").raw(anchor).raw("\">");
        page.text(&units::minute(time)).raw("</text>");
    }
    page.raw("</svg><details class=numbers><summary>Times</summary><div class=scroll><table><thead><tr>");
    page.raw("<th scope=col>Finding<th scope=col>First<th scope=col>Last</thead><tbody>");
    for (v, first, last) in &rows {
        page.raw("<tr><th scope=row>").text(&v.finding.finding_type).raw(" · ").text_to(&v.resource(), 100);
        page.raw("<td>").time(Some(*first)).raw("<td>").time(Some(*last));
    }
    page.raw("</tbody></table></div></details></figure>");
}

fn row(
    v: View<'_>,
    (first, last): (EventTime, EventTime),
    (from, to): (EventTime, EventTime),
    top: i64,
    page: &mut Page,
) {
    let span = (to.as_millis() - from.as_millis()).max(1) as f64;
    // A round cap must not leave the drawing.
    let x = |time: EventTime| 1.0 + 98.0 * (time.as_millis() - from.as_millis()) as f64 / span;
    let (begin, end) = (x(first), x(last.max(first)));
    page.raw("<text x=0 y=").int(top + 13).raw(" class=label>").raw(v.severity().name()).raw(" · ");
    page.label(&v.finding.finding_type, 80).raw(" · ").label(&v.resource(), 40).raw("</text><g><title>");
    page.raw(v.severity().name()).raw(": ").text_to(&v.headline(), 200).raw("</title>");
    page.raw("<rect x=0 width=\"100%\" height=2 class=track y=").int(top + 22).raw(" />");
    // The outline first, then the colour of the legend.
    for layer in ["edge", "span"] {
        page.raw("<line x1=\"").percent(begin).raw("\" x2=\"").percent(end).raw("\" y1=").int(top + 23);
        page.raw(" y2=").int(top + 23).raw(" class=\"").raw(layer).raw(" ").class(v.severity()).raw("\" />");
    }
    page.raw("</g>");
}
