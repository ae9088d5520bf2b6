//! JSON objects in the wrappings that AWS uses, read as a stream of elements.
//!
//! Known wrappings: `{"Records":[...]}` (delivered files), `{"Events":[{"CloudTrailEvent":"..."}]}`
//! (LookupEvents), `{"logEvents":[{"message":"..."}]}` (CloudWatch Logs subscriptions), `{"detail":{...}}`
//! (EventBridge), `{"eventData":{...}}` and `{"eventJson":"..."}` (CloudTrail Lake), a bare array, one value a
//! line, and values one after the other. Behind an element that cannot be read the stream goes on.

use crate::json::{Cursor, Problem, Raw, Stop};
use crate::read::{Out, Sink};
use crate::{CloudTrailRecord, DnsRecord, Window, cloudtrail, dns, lines};
use memchr::memmem;

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Top,
    /// Inside an array of elements, which may stand in an object.
    Array { in_object: bool },
    /// Behind such an array, inside the object that holds it.
    Tail,
}

/// What an element is. The reader tries the kind that it saw last before it looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Query,
    Other,
}

/// How an object is wrapped.
enum Shape<'a> {
    Event,
    Query,
    /// An array of elements begins behind this position.
    Array(usize),
    /// The element is this member.
    Inner(Raw<'a>),
    /// The element is the text of this member.
    Text(Raw<'a>),
    Digest,
    Other,
}

const NOT_JSON: &str = "not valid JSON";
const CUT: &str = "the record is cut off";
const TOO_LONG: &str = "the record is longer than allowed";
const NO_LOG: &str = "JSON that is no AWS log record";
const TOO_DAMAGED: &str = "the rest of the object is too damaged to read";

/// How many bytes may be looked at again behind damaged records of one object, so that a hostile object
/// costs no more than a few passes.
const RESCAN_BYTES: usize = 64 << 20;

pub(crate) fn read<S: Sink>(window: &mut Window<'_>, out: &mut Out<'_, S>) {
    let mut stream = Stream { state: State::Top, kind: Kind::Other };
    let mut rescans = RESCAN_BYTES;
    let longest = window.limits().max_record_bytes;
    window.check_text();
    loop {
        let rest = window.rest();
        let blank = rest.len() - rest.trim_ascii_start().len();
        if blank == rest.len() {
            window.consume(blank);
            if !window.fill() {
                break;
            }
            continue;
        }
        window.consume(blank);
        let rest = window.rest();
        let bounded = &rest[..rest.len().min(longest + 1)];
        let skip_from = match stream.step(bounded, out, window) {
            Ok(used) => {
                window.consume(used);
                continue;
            }
            Err(Stop::Truncated) if bounded.len() <= longest && window.fill() => continue,
            Err(Stop::Truncated) => {
                let rest = window.rest();
                out.report.defect(if rest.len() > longest { TOO_LONG } else { CUT }, || window.place(0));
                rescans = rescans.saturating_sub(rest.len().min(longest));
                1
            }
            Err(Stop::Invalid(at)) => {
                // Where the record begins: a person looks for the record, not for the byte at which reading failed.
                out.report.defect(NOT_JSON, || window.place(0));
                rescans = rescans.saturating_sub(at);
                // An element that broke inside is looked for again behind its start: its own end is unknown.
                1
            }
        };
        if rescans == 0 {
            out.report.defect(TOO_DAMAGED, || window.place(0));
            return;
        }
        if !resync(window, skip_from) {
            return;
        }
        if stream.state == State::Tail {
            stream.state = State::Top;
        }
    }
    if stream.state != State::Top {
        out.report.defect(CUT, || window.place(0));
    }
}

struct Stream {
    state: State,
    kind: Kind,
}

impl Stream {
    /// One step from a byte that is no white space: how many bytes it used, at least one.
    fn step<S: Sink>(&mut self, rest: &[u8], out: &mut Out<'_, S>, window: &Window<'_>) -> Result<usize, Stop> {
        match (self.state, rest[0]) {
            (State::Array { in_object }, b']') => {
                self.state = if in_object { State::Tail } else { State::Top };
                Ok(1)
            }
            (State::Tail, b'}') => {
                self.state = State::Top;
                Ok(1)
            }
            (State::Tail, b'"') => {
                let mut cursor = Cursor::new(rest);
                cursor.next_key()?;
                cursor.skip_value()?;
                Ok(cursor.pos())
            }
            (_, b',') => Ok(1),
            (State::Top, b'[') => {
                self.state = State::Array { in_object: false };
                Ok(1)
            }
            (State::Top | State::Array { .. }, b'{') => self.element(rest, out, window),
            (State::Array { .. }, b'}') | (State::Tail, _) | (State::Top, b'}' | b']') => Err(Stop::Invalid(0)),
            _ => {
                let mut cursor = Cursor::new(rest);
                cursor.skip_value()?;
                out.report.defect(NO_LOG, || window.place(0));
                Ok(cursor.pos().max(1))
            }
        }
    }

    fn element<S: Sink>(&mut self, rest: &[u8], out: &mut Out<'_, S>, window: &Window<'_>) -> Result<usize, Stop> {
        let text = window.rest_text(rest.len());
        let mut cursor = Cursor::over(rest, text);
        let tried = match self.kind {
            Kind::Event => emit_event(&mut cursor, out),
            Kind::Query => emit_query(&mut cursor, out),
            Kind::Other => Err(Problem::Member("")),
        };
        match tried {
            Ok(()) => return Ok(cursor.pos()),
            Err(Problem::Json(stop)) => return Err(stop),
            Err(Problem::Member(_)) => cursor = Cursor::over(rest, text),
        }
        let done = match classify(rest)? {
            Shape::Event => {
                self.kind = Kind::Event;
                emit_event(&mut cursor, out)
            }
            Shape::Query => {
                self.kind = Kind::Query;
                emit_query(&mut cursor, out)
            }
            Shape::Array(at) => {
                if self.state != State::Top {
                    cursor.skip_value()?;
                    out.report.defect(NO_LOG, || window.place(0));
                    return Ok(cursor.pos());
                }
                self.state = State::Array { in_object: true };
                return Ok(at);
            }
            Shape::Inner(raw) => {
                cursor.skip_value()?;
                inner(raw.bytes(), out)
            }
            Shape::Text(raw) => {
                cursor.skip_value()?;
                let text = raw.text().unwrap_or_default();
                lines::message(text.as_bytes(), || window.place(0), out);
                Ok(())
            }
            Shape::Digest => {
                out.report.not_read = Some("CloudTrail digest file");
                cursor.skip_value()?;
                Ok(())
            }
            Shape::Other => {
                cursor.skip_value()?;
                Err(Problem::Member(NO_LOG))
            }
        };
        match done {
            Ok(()) => {}
            Err(Problem::Json(stop)) => return Err(stop),
            Err(Problem::Member(cause)) => out.report.defect(cause, || window.place(0)),
        }
        Ok(cursor.pos())
    }
}

fn emit_event<S: Sink>(cursor: &mut Cursor<'_>, out: &mut Out<'_, S>) -> Result<(), Problem> {
    let mut record = CloudTrailRecord::default();
    cloudtrail::parse(cursor, &mut record)?;
    out.cloudtrail(&record);
    Ok(())
}

fn emit_query<S: Sink>(cursor: &mut Cursor<'_>, out: &mut Out<'_, S>) -> Result<(), Problem> {
    let mut record = DnsRecord::default();
    dns::parse(cursor, &mut record)?;
    out.dns(&record);
    Ok(())
}

/// Reads one record, which may be wrapped once, from bytes that hold nothing else.
pub(crate) fn inner<S: Sink>(bytes: &[u8], out: &mut Out<'_, S>) -> Result<(), Problem> {
    let mut cursor = Cursor::new(bytes);
    if cursor.peek() != Ok(b'{') {
        return Err(Problem::Member(NO_LOG));
    }
    let complete = |p| match p {
        // All bytes are here: what is cut off cannot be completed.
        Problem::Json(Stop::Truncated) => Problem::Member(CUT),
        Problem::Json(Stop::Invalid(_)) => Problem::Member(NOT_JSON),
        member => member,
    };
    match classify(bytes).map_err(|stop| complete(stop.into()))? {
        Shape::Event => emit_event(&mut cursor, out).map_err(complete),
        Shape::Query => emit_query(&mut cursor, out).map_err(complete),
        Shape::Inner(raw) => match classify(raw.bytes()).map_err(|stop| complete(stop.into()))? {
            Shape::Event => emit_event(&mut raw.cursor(), out).map_err(complete),
            Shape::Query => emit_query(&mut raw.cursor(), out).map_err(complete),
            _ => Err(Problem::Member(NO_LOG)),
        },
        _ => Err(Problem::Member(NO_LOG)),
    }
}

/// Looks at the members of an object until one tells what it is.
fn classify(bytes: &[u8]) -> Result<Shape<'_>, Stop> {
    let mut cursor = Cursor::new(bytes);
    cursor.enter_object()?;
    while let Some(key) = cursor.next_key()? {
        let first = cursor.peek()?;
        match (key, first) {
            (b"eventVersion" | b"eventName" | b"userIdentity" | b"eventTime", _) => return Ok(Shape::Event),
            (b"query_name" | b"query_timestamp" | b"vpc_id", _) => return Ok(Shape::Query),
            (b"Records" | b"records" | b"Events" | b"logEvents" | b"events", b'[') => {
                return Ok(Shape::Array(cursor.pos() + 1));
            }
            (b"detail" | b"eventData", b'{') => return Ok(Shape::Inner(cursor.raw_value()?)),
            (b"CloudTrailEvent" | b"eventJson" | b"eventData" | b"message", b'"') => {
                return Ok(Shape::Text(cursor.raw_value()?));
            }
            (b"digestStartTime" | b"digestS3Bucket", _) => return Ok(Shape::Digest),
            _ => cursor.skip_value()?,
        }
    }
    Ok(Shape::Other)
}

/// Moves the window to where the next record may begin behind `from`: at an object whose first member is
/// `eventVersion`, or at an object that begins a line. False when there is none.
fn resync(window: &mut Window<'_>, mut from: usize) -> bool {
    let marks = Marks { version: memmem::Finder::new(b"\"eventVersion\""), line: memmem::Finder::new(b"\n{") };
    loop {
        let rest = window.rest();
        if let Some(at) = marks.find(rest, from) {
            window.consume(at);
            return true;
        }
        let gone = rest.len().saturating_sub(Marks::OVERLAP);
        window.consume(gone);
        if !window.fill() {
            // Nothing more will come: what is left holds no beginning of a record.
            window.consume(window.rest().len());
            return false;
        }
        from = from.saturating_sub(gone);
    }
}

/// What tells the beginning of a record.
struct Marks {
    version: memmem::Finder<'static>,
    line: memmem::Finder<'static>,
}

impl Marks {
    /// White space that may stand between the brace and `eventVersion`.
    const BLANK: usize = 128;
    /// The longest stretch that a mark may be cut across.
    const OVERLAP: usize = 2 * Self::BLANK;
    /// How far is looked for both marks before looking further: where one of them stands at every few bytes and the
    /// other one nowhere, a search for the other one to the end each time would take for ever.
    const PIECE: usize = 4096;

    /// The first brace at or behind `from` that begins a record.
    fn find(&self, rest: &[u8], from: usize) -> Option<usize> {
        let mut start = from;
        while start < rest.len() {
            let piece = &rest[start..rest.len().min(start + Self::PIECE + Self::OVERLAP)];
            let by_version = self.version.find_iter(piece).find_map(|at| {
                let before = rest[..start + at].trim_ascii_end();
                let near = start + at - before.len() <= Self::BLANK;
                (near && before.len() > from && before.ends_with(b"{")).then(|| before.len() - 1)
            });
            let by_line = self.line.find(piece).map(|at| start + at + 1);
            if let Some(at) = by_version.into_iter().chain(by_line).min() {
                return Some(at);
            }
            start += Self::PIECE;
        }
        None
    }
}
