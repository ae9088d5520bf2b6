//! STIX 1.x in XML: `AddressObject` (single, or several joined by `##comma##`, or an inclusive range), and
//! `DomainNameObj`. File hashes are counted. Nothing else in a STIX document is an entry.
//!
//! The reader expands no entity but the five of XML itself, so no document can grow; depth, the size of a value and
//! the number of defects are bounded.

use super::{RawEntry, Sink, is_hash};
use crate::indicator;
use crate::report::Cause;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::net::IpAddr;

/// The separator of several values in one element (CybOX 2.1, "delimiter").
const COMMA: &str = "##comma##";

/// Nesting that is followed; real documents have about 20 levels.
const MAX_DEPTH: usize = 128;

/// The longest value of an element, in bytes; it may hold many addresses.
const MAX_VALUE: usize = 1 << 20;

/// Which element's text is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Address { range: bool },
    Domain,
    Hash,
}

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    // The reader takes only UTF-8: what is not is replaced, and makes at most its own entry unreadable.
    let text = &*String::from_utf8_lossy(bytes);
    let bytes = text.as_bytes();
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut lines = Lines { bytes, at: 0, line: 1 };
    let mut state = State::default();
    loop {
        let event = reader.read_event();
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Ok(Event::Eof) => return,
            Ok(event) => state.take(&event, &mut lines, position, sink),
            Err(error) => {
                sink.reject(lines.number(position), &error.to_string(), Cause::Malformed);
                return;
            }
        }
    }
}

#[derive(Default)]
struct State {
    depth: usize,
    /// The depth of the object that values are read in, and what it is.
    object: Option<(usize, Object)>,
    value: Option<Value>,
    text: String,
    too_long: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Object {
    Address,
    Domain,
    File,
}

impl State {
    fn take(&mut self, event: &Event<'_>, lines: &mut Lines<'_>, position: usize, sink: &mut dyn Sink) {
        match event {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth <= MAX_DEPTH {
                    self.start(start);
                }
            }
            Event::End(_) => {
                self.end(lines, position, sink);
                self.depth = self.depth.saturating_sub(1);
            }
            Event::Text(text) => self.push(text),
            Event::CData(text) => self.push(text),
            Event::GeneralRef(name)
                // `&amp;` and its like have no place in an indicator: kept as they stand, so that the value is refused.
                if self.value.is_some() => {
                    self.push(&format!("&{};", &**name));
                }
            _ => {}
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let name = start.local_name();
        let name = name.as_ref();
        if let Some(object) = object_of(name, start) {
            self.object = Some((self.depth, object));
            self.value = None;
            return;
        }
        let Some((_, object)) = self.object else { return };
        self.value = match (object, name) {
            (Object::Address, "Address_Value") => {
                let range = attribute(start, "condition").is_some_and(|value| value == "InclusiveBetween");
                Some(Value::Address { range })
            }
            (Object::Domain, "Value") => Some(Value::Domain),
            (Object::File, "Simple_Hash_Value" | "Fuzzy_Hash_Value") => Some(Value::Hash),
            // A child of a value ends it.
            _ => None,
        };
        self.text.clear();
        self.too_long = false;
    }

    fn push(&mut self, text: &str) {
        if self.value.is_none() {
            return;
        }
        if self.text.len() + text.len() > MAX_VALUE {
            self.too_long = true;
        } else {
            self.text.push_str(text);
        }
    }

    fn end(&mut self, lines: &mut Lines<'_>, position: usize, sink: &mut dyn Sink) {
        if let Some(value) = self.value.take() {
            let line = lines.number(position);
            if self.too_long {
                sink.reject(line, self.text.get(..256).unwrap_or_default(), Cause::LineTooLong);
            } else {
                emit(value, &self.text, line, sink);
            }
            self.text.clear();
        }
        if self.object.is_some_and(|(depth, _)| depth >= self.depth) {
            self.object = None;
        }
    }
}

/// The object that an element opens: `Properties` with an `xsi:type`, or an element named after the object.
fn object_of(name: &str, start: &BytesStart<'_>) -> Option<Object> {
    let of = |name: &str| match name {
        "AddressObjectType" | "AddressObject" | "Address" => Some(Object::Address),
        "DomainNameObjectType" | "DomainNameObject" | "DomainNameObj" | "DomainName" => Some(Object::Domain),
        "FileObjectType" | "FileObject" | "FileObj" => Some(Object::File),
        _ => None,
    };
    if let Some(kind) = attribute(start, "type") {
        let local = kind.rsplit(':').next().unwrap_or_default();
        if let Some(object) = of(local) {
            return Some(object);
        }
    }
    of(name)
}

/// The value of an attribute by its local name.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value.into_owned())
}

fn emit(value: Value, text: &str, line: usize, sink: &mut dyn Sink) {
    let parts = text.split(COMMA).map(str::trim).filter(|part| !part.is_empty());
    match value {
        Value::Hash => parts.for_each(|_| sink.hash()),
        Value::Address { range: true } => emit_range(text, line, sink),
        Value::Address { range: false } | Value::Domain => {
            parts.for_each(|part| if is_hash(part) { sink.hash() } else { sink.entry(line, RawEntry::of(part)) });
        }
    }
}

fn emit_range(text: &str, line: usize, sink: &mut dyn Sink) {
    let ends: Vec<&str> = text.split(COMMA).map(str::trim).collect();
    let ip = |text: &str| text.parse::<IpAddr>().ok();
    let blocks = match ends[..] {
        [first, last] => ip(first).zip(ip(last)).and_then(|(first, last)| indicator::range(first, last)),
        _ => None,
    };
    match blocks {
        Some(blocks) => {
            for block in blocks {
                sink.entry(line, RawEntry { block: Some(block), ..RawEntry::of(text) });
            }
        }
        None => sink.reject(line, text, Cause::NotAnIndicator),
    }
}

/// Counts lines as the reader moves on.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn number(&mut self, position: usize) -> usize {
        let position = position.min(self.bytes.len());
        if position > self.at {
            self.line += memchr::memchr_iter(b'\n', &self.bytes[self.at..position]).count();
            self.at = position;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::{Cause, ListFormat::Stix};

    fn object(kind: &str, inner: &str) -> String {
        format!("<cybox:Object><cybox:Properties xsi:type=\"{kind}\">{inner}</cybox:Properties></cybox:Object>\n")
    }

    #[test]
    fn addresses_names_ranges_and_hashes() {
        let text = [
            "<?xml version=\"1.0\"?>\n<stix:STIX_Package>\n".to_owned(),
            object("AddressObj:AddressObjectType", "<AddressObj:Address_Value condition=\"Equals\">203.0.113.1##comma##192.0.2.7</AddressObj:Address_Value>"),
            object("AddressObj:AddressObjectType", "<AddressObj:Address_Value condition=\"InclusiveBetween\">192.0.2.0##comma##192.0.2.5</AddressObj:Address_Value>"),
            object("DomainNameObj:DomainNameObjectType", "<DomainNameObj:Value> evil.example </DomainNameObj:Value>"),
            object("FileObj:FileObjectType", "<H><c:Simple_Hash_Value>abcd</c:Simple_Hash_Value></H>"),
            object("PortObj:PortObjectType", "<PortObj:Value>80</PortObj:Value>"),
            "<x:Value>not.this.example</x:Value></stix:STIX_Package>".to_owned(),
        ]
        .concat();
        let read = record(Stix, &text);
        assert_eq!(
            read.entries,
            ["3 203.0.113.1", "3 192.0.2.7", "4 192.0.2.0/30", "4 192.0.2.4/31", "5 evil.example"]
        );
        assert_eq!(read.hashes, 1);
        assert!(read.rejected.is_empty());
    }

    #[test]
    fn a_bad_range_is_rejected() {
        let bad = |value| {
            object(
                "A:AddressObjectType",
                &format!("<A:Address_Value condition='InclusiveBetween'>{value}</A:Address_Value>"),
            )
        };
        for value in
            ["203.0.113.9##comma##203.0.113.1", "203.0.113.1", "2001:db8::1##comma##203.0.113.1", "a##comma##b"]
        {
            assert_eq!(record(Stix, &bad(value)).rejected, [(1, Cause::NotAnIndicator)], "{value}");
        }
    }

    #[test]
    fn entities_are_not_expanded() {
        let text = "<!DOCTYPE x [<!ENTITY a \"203.0.113.1\"><!ENTITY b \"&a;&a;\">]>".to_owned()
            + &object("DomainNameObj:DomainNameObjectType", "<v:Value>&b;.example</v:Value>");
        assert_eq!(record(Stix, &text).entries, ["1 &b;.example"]);
    }

    #[test]
    fn broken_and_deep_documents_end() {
        assert_eq!(record(Stix, "<a><b").rejected.len(), 1);
        let deep =
            "<a>".repeat(100_000) + &object("DomainNameObj:DomainNameObjectType", "<v:Value>a.example</v:Value>");
        assert!(record(Stix, &deep).entries.is_empty());
    }
}
