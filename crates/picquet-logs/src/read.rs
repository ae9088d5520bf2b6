//! Reads one object: recognises it, walks it, counts what cannot be read.

use crate::format::{self, Format};
use crate::report::{ObjectReport, RecordKind};
use crate::{CloudTrailRecord, DnsRecord, FlowRecord, ObjectName, Window, flow, json_stream, lines};

/// Takes records as they are read. They borrow from the object and are gone after the call.
pub trait Sink {
    /// A CloudTrail event: management, data or network activity.
    fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>);
    /// A flow.
    fn flow(&mut self, record: &FlowRecord<'_>);
    /// A DNS query.
    fn dns(&mut self, record: &DnsRecord<'_>);
}

/// The bytes of an object, uncompressed.
pub enum Input<'w, 'r> {
    /// A window over memory or a stream: text.
    Window(&'w mut Window<'r>),
    /// All bytes in memory, shared: what Parquet needs.
    Bytes(bytes::Bytes),
}

/// Reads an object to its end. Never fails: the report says what could not be read.
pub fn read_object<S: Sink>(
    input: Input<'_, '_>,
    name: &ObjectName,
    limits: &crate::Limits,
    sink: &mut S,
) -> ObjectReport {
    let mut out = Out::new(sink, name);
    match input {
        Input::Bytes(bytes) => match format::detect(&bytes[..bytes.len().min(format::SNIFF_BYTES)]) {
            Format::Parquet => {
                out.report.bytes = bytes.len() as u64;
                flow::parquet::read(bytes, &mut out);
            }
            _ => read_text(&mut Window::whole(&bytes, limits), &mut out),
        },
        Input::Window(window) => read_text(window, &mut out),
    }
    out.report
}

fn read_text<S: Sink>(window: &mut Window<'_>, out: &mut Out<'_, S>) {
    while window.rest().len() < format::SNIFF_BYTES && window.fill() {}
    let head = &window.rest()[..window.rest().len().min(format::SNIFF_BYTES)];
    match format::detect(head) {
        Format::Json => json_stream::read(window, out),
        Format::Lines => lines::read(window, out),
        Format::Empty => {}
        Format::Parquet => out.report.not_read = Some("Parquet must be whole in memory"),
        Format::Unknown => out.report.not_read = Some("not a log that Picquet knows"),
    }
    if window.failure().is_some() {
        out.report.defect("the object ends early: its compression is damaged or it could not be read", || {
            window.place(window.rest().len())
        });
    }
    out.report.bytes = window.offset() + window.rest().len() as u64;
}

/// Where the readers put what they find.
pub(crate) struct Out<'s, S> {
    sink: &'s mut S,
    pub report: ObjectReport,
    /// What the object's key says.
    pub name: &'s ObjectName,
}

impl<'s, S: Sink> Out<'s, S> {
    pub fn new(sink: &'s mut S, name: &'s ObjectName) -> Self {
        Self { sink, report: ObjectReport::default(), name }
    }

    /// The account that the object's key names, or nothing.
    pub fn account(&self) -> &'s str {
        self.name.account.as_deref().unwrap_or_default()
    }

    #[inline]
    pub fn cloudtrail(&mut self, record: &CloudTrailRecord<'_>) {
        match record.category.kind() {
            Some(kind) => {
                self.report.record(kind, record.time);
                self.sink.cloudtrail(record);
            }
            None => self.report.pass_over("CloudTrail insight events"),
        }
    }

    #[inline]
    pub fn flow(&mut self, record: &FlowRecord<'_>) {
        self.report.record(RecordKind::VpcFlow, record.start);
        self.sink.flow(record);
    }

    #[inline]
    pub fn dns(&mut self, record: &DnsRecord<'_>) {
        self.report.record(RecordKind::ResolverDns, record.time);
        self.sink.dns(record);
    }
}
