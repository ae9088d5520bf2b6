//! Findings by day of their first activity, as columns stacked by severity.
//!
//! A column is an hour, a day, or as many days as it takes to have at most sixty of them.

use super::bars::{self, Bar, Counts, slot};
use super::page::Page;
use crate::units;
use crate::view::View;
use picquet_model::{EventTime, Severity};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const MOST_COLUMNS: i64 = 60;
/// Widths to choose from: an hour, a day, one week, four, thirteen, a year.
const WIDTHS: [i64; 6] = [HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS, 91 * DAY_MS, 365 * DAY_MS];
/// Pixels of the drawing, of its plot and of the margin above.
const HEIGHT: i64 = 190;
const PLOT: f64 = 140.0;
const TOP: f64 = 20.0;

/// Writes the chart; nothing where no finding has a time.
pub(super) fn write(views: &[View<'_>], page: &mut Page) {
    let times: Vec<_> = views.iter().filter_map(|v| Some((v.first()?.as_millis(), v.severity()))).collect();
    let (Some(from), Some(to)) = (times.iter().map(|t| t.0).min(), times.iter().map(|t| t.0).max()) else { return };
    // A single day is better seen by the hour, several are not.
    let smallest = if to - from < 2 * DAY_MS { 0 } else { 1 };
    let width = WIDTHS[smallest..].iter().copied().find(|w| to / w - from / w < MOST_COLUMNS);
    // Ten thousand years are the longest span that there is.
    let width = width.unwrap_or((to - from) / (MOST_COLUMNS - 1) + 1);
    let start = from / width;
    let mut columns: Vec<Bar> =
        (start..=to / width).map(|i| Bar { label: label(i * width, width), counts: Counts::default() }).collect();
    for (time, severity) in &times {
        if let Some(column) = usize::try_from(time / width - start).ok().and_then(|i| columns.get_mut(i)) {
            column.counts[slot(*severity)] += 1;
        }
    }
    draw(&columns, width, page);
}

/// The start of a column.
fn label(ms: i64, width: i64) -> String {
    let time = EventTime::from_millis(ms.max(0)).unwrap_or(EventTime::MAX);
    if width == HOUR_MS { units::minute(time) } else { units::day(time) }
}

fn draw(columns: &[Bar], width: i64, page: &mut Page) {
    let unit = match width {
        HOUR_MS => "hour".to_owned(),
        DAY_MS => "day".to_owned(),
        _ => format!("{} days", width / DAY_MS),
    };
    let most = columns.iter().map(Bar::total).max().unwrap_or(1).max(1);
    let busiest = columns.iter().rev().max_by_key(|c| c.total());
    let peak = busiest.map(|c| format!(" Most in the column of {}: {}.", c.label, bars::words(&c.counts)));
    let text = format!("By the first activity, one column for each {unit}.{}", peak.unwrap_or_default());
    bars::open("days", "Over time", &text, page);
    page.raw("<svg role=img width=\"100%\" height=").int(HEIGHT).raw(" aria-labelledby=\"days-t days-d\">");
    page.raw("<title id=days-t>Findings over time</title><desc id=days-d>").text(&text).raw("</desc>");
    // Two lines of scale: the top and the middle, where the middle is a whole number.
    let marks = if most.is_multiple_of(2) { vec![most, most / 2] } else { vec![most] };
    for mark in marks {
        let y = TOP + PLOT - PLOT * mark as f64 / most as f64;
        page.raw("<line x1=0 x2=\"100%\" y1=").int(y as i64).raw(" y2=").int(y as i64).raw(" class=grid />");
        page.raw("<text x=0 class=label y=").int(y as i64 - 5).raw(">").number(mark).raw("</text>");
    }
    let step = 100.0 / columns.len() as f64;
    // A few columns would be as wide as walls.
    let thick = (step * 0.8).min(6.0);
    for (i, column) in columns.iter().enumerate() {
        let mut base = TOP + PLOT;
        for severity in Severity::ALL.into_iter().rev() {
            let count = column.counts[slot(severity)];
            if count > 0 {
                let height = PLOT * count as f64 / most as f64;
                base -= height;
                page.raw("<rect x=\"").percent(step * (i as f64 + 0.5) - thick / 2.0).raw("\" width=\"").percent(thick);
                page.raw("\" y=\"").text(&format!("{base:.1}")).raw("\" height=\"").text(&format!("{height:.1}"));
                page.raw("\" class=").class(severity).raw("><title>").text(&column.label).raw(": ");
                page.text(&bars::words(&column.counts)).raw("</title></rect>");
            }
        }
    }
    let bottom = (TOP + PLOT) as i64;
    page.raw("<line x1=0 x2=\"100%\" y1=").int(bottom).raw(" y2=").int(bottom).raw(" class=axis />");
    ticks(columns, step, page);
    page.raw("</svg>");
    bars::table(columns.iter().filter(|column| column.total() > 0), page);
}

/// The first, the last, and one between where there is room on a phone.
fn ticks(columns: &[Bar], step: f64, page: &mut Page) {
    let last = columns.len() - 1;
    let places = if last >= 6 { vec![0, last / 2, last] } else { vec![0, last] };
    for i in places {
        let (anchor, x) = match i {
            0 if last == 0 => ("mid", 50.0),
            0 => ("start", 0.0),
            i if i == last => ("end", 100.0),
            i => ("mid", step * (i as f64 + 0.5)),
        };
        if i == last && last > 0 || i == 0 || last >= 6 {
            page.raw("<text y=").int((TOP + PLOT) as i64 + 17).raw(" x=\"").percent(x).raw("\" class=\"label ");
            page.raw(anchor).raw("\">").text(&columns[i].label).raw("</text>");
        }
    }
}
