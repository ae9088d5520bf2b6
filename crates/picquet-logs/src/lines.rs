//! Objects that are read line by line: flow logs, and CloudWatch Logs exports of any log.

use crate::flow::plan::Plan;
use crate::flow::text;
use crate::flow::values::Row;
use crate::read::{Out, Sink};
use crate::{Window, json::Problem, json_stream};
use picquet_model::EventTime;

const TOO_LONG: &str = "the line is longer than allowed";
const CUT: &str = "the line is cut off";
const NOT_UTF8: &str = "the line is not UTF-8";
const NO_STAMP: &str = "the line has no time stamp in front, as the others of the export have";

/// How many bytes are looked at in one go: they stay in the nearest cache.
const BATCH_BYTES: usize = 32 << 10;

/// What the lines of an object are. The first line decides.
enum Mode {
    Undecided,
    Flow(Plan),
    /// `2024-05-01T00:00:00.000Z <message>`: what CloudWatch Logs writes when a log group is exported to S3.
    Export,
}

/// Why reading ends before the object does.
struct NotRead(&'static str);

/// Reads lines to the end of the window.
pub(crate) fn read<S: Sink>(window: &mut Window<'_>, out: &mut Out<'_, S>) {
    let longest = window.limits().max_record_bytes;
    let mut mode = Mode::Undecided;
    // How much of what is at hand is known to hold no newline.
    let mut seen = 0;
    loop {
        let rest = window.rest();
        let used = match batch_end(rest, seen) {
            Some(end) => match batch(&rest[..end], &mut mode, window, out) {
                Ok(()) => end,
                Err(NotRead(why)) => return out.report.not_read = Some(why),
            },
            None => {
                seen = rest.len();
                if window.fill() {
                    continue;
                }
                let rest = window.rest();
                if rest.len() > longest {
                    out.report.defect(TOO_LONG, || window.place(0));
                    skip_line(window);
                    seen = 0;
                    continue;
                }
                if window.failure().is_some() && !rest.is_empty() {
                    // Where the bytes broke off, the end of a line may be the middle of a number.
                    out.report.defect(CUT, || window.place(0));
                    return;
                }
                // The last line, without a newline.
                if let Err(NotRead(why)) = batch(rest, &mut mode, window, out) {
                    out.report.not_read = Some(why);
                }
                rest.len()
            }
        };
        seen = 0;
        window.consume(used);
        if window.rest().is_empty() && !window.fill() {
            return;
        }
    }
}

/// Where a batch of whole lines ends: behind the last newline of the first [`BATCH_BYTES`], else behind the first
/// newline. `None` without a newline.
fn batch_end(rest: &[u8], seen: usize) -> Option<usize> {
    if seen == 0
        && let Some(at) = memchr::memrchr(b'\n', &rest[..rest.len().min(BATCH_BYTES)])
    {
        return Some(at + 1);
    }
    memchr::memchr(b'\n', &rest[seen..]).map(|at| seen + at + 1)
}

/// Passes over the line at hand without keeping it.
fn skip_line(window: &mut Window<'_>) {
    loop {
        let rest = window.rest();
        match memchr::memchr(b'\n', rest) {
            Some(at) => return window.consume(at + 1),
            None => window.consume(rest.len()),
        }
        if !window.fill() {
            return;
        }
    }
}

/// Reads lines that lie together at the start of the window.
fn batch<S: Sink>(bytes: &[u8], mode: &mut Mode, window: &Window<'_>, out: &mut Out<'_, S>) -> Result<(), NotRead> {
    // Nearly all batches are ASCII: one look at the whole is cheaper than one at each line.
    let whole = std::str::from_utf8(bytes).ok();
    let longest = window.limits().max_record_bytes;
    let mut start = 0;
    while start < bytes.len() {
        let next = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at + 1);
        let mut end = next;
        if bytes[start..end].ends_with(b"\n") {
            end -= 1;
        }
        if end - start > longest {
            out.report.defect(TOO_LONG, || window.place(start));
            start = next;
            continue;
        }
        if bytes[start..end].ends_with(b"\r") {
            end -= 1;
        }
        let text = match whole {
            Some(whole) => Some(&whole[start..end]),
            None => std::str::from_utf8(&bytes[start..end]).ok(),
        };
        match text {
            Some("") => {}
            Some(text) => line(text, mode, || window.place(start), out)?,
            None => out.report.defect(NOT_UTF8, || window.place(start)),
        }
        start = next;
    }
    Ok(())
}

#[inline]
fn line<S: Sink>(
    text: &str,
    mode: &mut Mode,
    place: impl FnOnce() -> (u64, u64),
    out: &mut Out<'_, S>,
) -> Result<(), NotRead> {
    match mode {
        Mode::Flow(plan) => {
            if text.as_bytes()[0].is_ascii_lowercase()
                && let Some(header) = Plan::header(text)
            {
                *plan = header.map_err(NotRead)?;
                return Ok(());
            }
            flow(text, plan, place, out);
        }
        Mode::Export => match stamped(text) {
            Some(message) => one_message(message, place, out),
            None if text.trim_ascii().is_empty() => {}
            None => out.report.defect(NO_STAMP, place),
        },
        Mode::Undecided => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
            if text.is_empty() {
                return Ok(());
            }
            *mode = decide(text).map_err(NotRead)?;
            match mode {
                Mode::Flow(_) if Plan::header(text).is_some() => {}
                _ => line(text, mode, place, out)?,
            }
        }
    }
    Ok(())
}

/// What an object is, by its first line.
fn decide(text: &str) -> Result<Mode, &'static str> {
    if let Some(header) = Plan::header(text) {
        return header.map(Mode::Flow);
    }
    let mut fields = text.split(' ');
    match (fields.next(), fields.next(), fields.next()) {
        (Some(version), Some("TransitGateway"), _) if is_number(version) => {
            Err("Transit Gateway flow log: not supported")
        }
        (Some(version), Some(account), Some(interface))
            if is_number(version)
                && (account == "unknown" || (account.len() == 12 && is_number(account)))
                && (interface.starts_with("eni-") || interface == "-") =>
        {
            Ok(Mode::Flow(Plan::default_v2()))
        }
        (Some(stamp), _, _) if EventTime::parse_rfc3339(stamp).is_some() => Ok(Mode::Export),
        _ => Err("not a log that Picquet knows"),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What stands behind the time stamp of an exported line.
fn stamped(text: &str) -> Option<&str> {
    let (stamp, message) = text.split_once(' ')?;
    EventTime::parse_rfc3339(stamp).map(|_| message)
}

#[inline(never)]
fn flow<S: Sink>(text: &str, plan: &Plan, place: impl FnOnce() -> (u64, u64), out: &mut Out<'_, S>) {
    if plan.is_default()
        && let Some(record) = text::plain_v2(text)
    {
        return out.flow(&record);
    }
    match text::parse(text, plan, out.account()) {
        Ok(Row::Flow(record)) => out.flow(&record),
        Ok(Row::NoData) => out.report.pass_over("flow NODATA"),
        Ok(Row::SkipData) => out.report.pass_over("flow SKIPDATA"),
        Err(cause) => out.report.defect(cause, place),
    }
}

fn one_message<S: Sink>(message: &str, place: impl FnOnce() -> (u64, u64), out: &mut Out<'_, S>) {
    let message = message.trim_ascii();
    if message.starts_with('{') {
        if let Err(Problem::Member(cause)) = json_stream::inner(message.as_bytes(), out) {
            out.report.defect(cause, place);
        }
    } else if message.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        flow(message, &Plan::default_v2(), place, out);
    } else {
        out.report.defect("the message is neither JSON nor a flow line in the default format", place);
    }
}

/// Reads one log line that was wrapped in something else. `place` says where the wrapping stands.
pub(crate) fn message<S: Sink>(line: &[u8], place: impl FnOnce() -> (u64, u64), out: &mut Out<'_, S>) {
    match std::str::from_utf8(line) {
        Ok(text) => one_message(text, place, out),
        Err(_) => out.report.defect(NOT_UTF8, place),
    }
}
