//! A JSON walker: finds the few members that Picquet profiles and steps over the rest.
//!
//! It borrows from the buffer, allocates nothing, never recurses and looks at no byte twice on the common
//! path. It is lenient where leniency loses nothing: a value that is stepped over is only checked for
//! balanced brackets and closed strings. A duplicate member is seen twice, so the last one wins.

use memchr::memchr2;
use std::borrow::Cow;

/// Why the walk stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The buffer ended inside the value: more bytes may complete it.
    Truncated,
    /// The byte at this position cannot stand there.
    Invalid(usize),
}

type Step<T> = Result<T, Stop>;

/// Why a JSON object is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The JSON stopped.
    Json(Stop),
    /// A member is missing or cannot be read: the cause, as it is reported.
    Member(&'static str),
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::Json(stop)
    }
}

/// A value that was stepped over, to be read by those who need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a>(&'a [u8]);

/// The members of an object, read once.
#[derive(Clone, Debug, Default)]
pub struct Members<'a>(Vec<(&'a [u8], Raw<'a>)>);

impl<'a> Members<'a> {
    /// A member. The last of several with this name.
    pub fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.0.iter().rev().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| *value)
    }
}

impl<'a> Raw<'a> {
    /// The bytes of the value.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The value as a tree; `None` where it is no valid JSON or nested deeper than 128 levels.
    pub fn to_value(self) -> Option<serde_json::Value> {
        match serde_json::from_slice(self.0) {
            Ok(value) => Some(value),
            Err(_) => serde_json::from_str(&String::from_utf8_lossy(self.0)).ok(),
        }
    }

    /// A walk over the value.
    pub fn cursor(self) -> Cursor<'a> {
        Cursor::new(self.0)
    }

    /// A member of the value, where that is an object. The last of several with this name.
    pub fn member(self, name: &str) -> Option<Raw<'a>> {
        let mut found = None;
        let mut cursor = self.cursor();
        cursor.enter_object().ok()?;
        while let Ok(Some(key)) = cursor.next_key() {
            let value = cursor.raw_value().ok()?;
            if key == name.as_bytes() {
                found = Some(value);
            }
        }
        found
    }

    /// All members of the value, where that is an object that can be read to its end; for looking up several.
    pub fn members(self) -> Members<'a> {
        let mut all = Vec::new();
        let mut cursor = self.cursor();
        let read = || -> Option<()> {
            cursor.enter_object().ok()?;
            while let Ok(Some(key)) = cursor.next_key() {
                all.push((key, cursor.raw_value().ok()?));
            }
            Some(())
        }();
        Members(if read.is_some() { all } else { Vec::new() })
    }

    /// The text of the value, where it is a string.
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.cursor().string_or_skip().ok().flatten()
    }

    /// The value as a Boolean; AWS writes some as strings.
    pub fn boolean(self) -> Option<bool> {
        match self.0 {
            b"true" | b"\"true\"" => Some(true),
            b"false" | b"\"false\"" => Some(false),
            _ => None,
        }
    }

    /// The text of a member that is a string.
    pub fn member_text(self, name: &str) -> Option<Cow<'a, str>> {
        self.member(name)?.text()
    }

    /// The elements, where the value is an array; none otherwise.
    pub fn elements(self) -> Elements<'a> {
        let mut cursor = self.cursor();
        let open = cursor.enter_array().is_ok();
        Elements { cursor, open }
    }
}

/// Iterates over the elements of an array. Ends at the first one that cannot be read.
pub struct Elements<'a> {
    cursor: Cursor<'a>,
    open: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        if !self.open {
            return None;
        }
        match self.cursor.next_element() {
            Ok(true) => self.cursor.raw_value().ok(),
            _ => {
                self.open = false;
                None
            }
        }
    }
}

/// A position in a buffer.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    buf: &'a [u8],
    /// The buffer as text, where it was checked beforehand: one check of everything costs less than one of
    /// each string.
    text: Option<&'a str>,
    pos: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a buffer.
    pub fn new(buf: &'a [u8]) -> Self {
        Self { buf, text: None, pos: 0 }
    }

    /// At the start of a buffer, which is given as text as well where it is known to be UTF-8.
    pub fn over(buf: &'a [u8], text: Option<&'a str>) -> Self {
        debug_assert!(text.is_none_or(|t| t.as_bytes() == buf));
        Self { buf, text, pos: 0 }
    }

    /// The position, in bytes from the start of the buffer.
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Steps over white space and returns the next byte without consuming it.
    #[inline]
    pub fn peek(&mut self) -> Step<u8> {
        loop {
            match self.buf.get(self.pos) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pos += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(Stop::Truncated),
            }
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Step<()> {
        if self.peek()? == byte {
            self.pos += 1;
            Ok(())
        } else {
            Err(Stop::Invalid(self.pos))
        }
    }

    /// Consumes the opening brace of an object.
    #[inline]
    pub fn enter_object(&mut self) -> Step<()> {
        self.expect(b'{')
    }

    /// Consumes the opening bracket of an array.
    #[inline]
    pub fn enter_array(&mut self) -> Step<()> {
        self.expect(b'[')
    }

    /// Inside an object, before a member or its end: the bytes of the next member's name, with the cursor before
    /// its value, or `None` after the closing brace. Escapes are left as they stand: AWS writes none in a name.
    #[inline]
    pub fn next_key(&mut self) -> Step<Option<&'a [u8]>> {
        loop {
            match self.peek()? {
                b',' => self.pos += 1,
                b'}' => {
                    self.pos += 1;
                    return Ok(None);
                }
                b'"' => {
                    let start = self.pos + 1;
                    let (end, _) = string_end(self.buf, start)?;
                    self.pos = end + 1;
                    self.expect(b':')?;
                    return Ok(Some(&self.buf[start..end]));
                }
                _ => return Err(Stop::Invalid(self.pos)),
            }
        }
    }

    /// Inside an array, before an element or its end: whether there is another element, with the cursor
    /// before it; the closing bracket is consumed.
    #[inline]
    pub fn next_element(&mut self) -> Step<bool> {
        loop {
            match self.peek()? {
                b',' => self.pos += 1,
                b']' => {
                    self.pos += 1;
                    return Ok(false);
                }
                _ => return Ok(true),
            }
        }
    }

    /// Consumes these bytes if they stand here, to the letter.
    #[inline(always)]
    pub fn literal<const N: usize>(&mut self, bytes: &[u8; N]) -> bool {
        let found = self.buf[self.pos..].starts_with(bytes);
        if found {
            self.pos += N;
        }
        found
    }

    /// Consumes these bytes, which end in an opening quote, and the string behind them, if both stand here and the
    /// string has no escapes; otherwise nothing. Written so that the text never passes through memory: a value that
    /// is stored in parts and then loaded whole makes the processor wait, and a record has twenty of them.
    #[inline(always)]
    pub fn plain<const N: usize>(&mut self, before: &[u8; N]) -> Option<Cow<'a, str>> {
        let start = self.pos + N;
        if !self.buf[self.pos..].starts_with(before) {
            return None;
        }
        let end = plain_end(self.buf, start)?;
        self.pos = end + 1;
        Some(self.decode(start, end, false))
    }

    /// The text of a string: its escapes are resolved; invalid UTF-8 and lone surrogates become U+FFFD.
    #[inline(always)]
    fn decode(&self, start: usize, end: usize, escaped: bool) -> Cow<'a, str> {
        match self.text.and_then(|t| t.get(start..end)) {
            Some(text) if !escaped => Cow::Borrowed(text),
            _ => decode(&self.buf[start..end], escaped),
        }
    }

    /// Reads a string; any other kind of value is stepped over.
    #[inline]
    pub fn string_or_skip(&mut self) -> Step<Option<Cow<'a, str>>> {
        if self.peek()? != b'"' {
            self.skip_value()?;
            return Ok(None);
        }
        let start = self.pos + 1;
        let (end, escaped) = string_end(self.buf, start)?;
        self.pos = end + 1;
        Ok(Some(self.decode(start, end, escaped)))
    }

    /// Reads a string into its place; any other kind of value is stepped over and empties it.
    pub fn text(&mut self, into: &mut Cow<'a, str>) -> Step<()> {
        *into = self.string_or_skip()?.unwrap_or_default();
        Ok(())
    }

    /// As [`Self::text`]; `None` where the string is empty too.
    pub fn some_text(&mut self, into: &mut Option<Cow<'a, str>>) -> Step<()> {
        *into = self.string_or_skip()?.filter(|t| !t.is_empty());
        Ok(())
    }

    /// Reads `true` or `false`, also as a string; any other value is stepped over.
    #[inline]
    pub fn boolean_or_skip(&mut self) -> Step<Option<bool>> {
        Ok(self.raw_value()?.boolean())
    }

    /// Steps over a value and returns its bytes.
    #[inline]
    pub fn raw_value(&mut self) -> Step<Raw<'a>> {
        self.peek()?;
        let start = self.pos;
        self.skip_value()?;
        Ok(Raw(&self.buf[start..self.pos]))
    }

    /// Steps over a value; `None` for `null`.
    #[inline]
    pub fn raw_or_null(&mut self) -> Step<Option<Raw<'a>>> {
        let raw = self.raw_value()?;
        Ok(if raw.0 == b"null" { None } else { Some(raw) })
    }

    /// Steps over a value of any kind.
    #[inline]
    pub fn skip_value(&mut self) -> Step<()> {
        match self.peek()? {
            b'"' => {
                let (end, _) = string_end(self.buf, self.pos + 1)?;
                self.pos = end + 1;
                Ok(())
            }
            b'{' | b'[' => self.skip_container(),
            b'}' | b']' | b',' | b':' => Err(Stop::Invalid(self.pos)),
            _ => self.skip_scalar(),
        }
    }

    /// A number or a word: everything up to the next delimiter. `NaN` and `1e999` pass here; who reads the
    /// value decides.
    fn skip_scalar(&mut self) -> Step<()> {
        let rest = &self.buf[self.pos..];
        match rest.iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b'"' | b':')) {
            Some(len) => {
                self.pos += len;
                Ok(())
            }
            None => Err(Stop::Truncated),
        }
    }

    /// An object or array. Counts brackets outside strings and does not recurse, so that depth costs nothing.
    fn skip_container(&mut self) -> Step<()> {
        let buf = self.buf;
        let mut depth = 0usize;
        let mut i = self.pos;
        while let Some(&byte) = buf.get(i) {
            match byte {
                b'"' => i = string_end(buf, i + 1)?.0,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.pos = i + 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            i += 1;
        }
        Err(Stop::Truncated)
    }
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of `word` that equals `byte`; exact up to the first one that does.
#[inline]
fn equals(word: u64, byte: u8) -> u64 {
    let x = word ^ (LOW * u64::from(byte));
    x.wrapping_sub(LOW) & !x & HIGH
}

/// The position of the quote that ends the string whose first byte is at `start`, and whether there is a
/// backslash before it. Most strings of a log are short, so 32 bytes are tried before `memchr` is called.
#[inline(always)]
fn string_end(buf: &[u8], start: usize) -> Step<(usize, bool)> {
    let mut i = start;
    let mut tail = buf.get(start..).unwrap_or_default();
    for _ in 0..4 {
        let Some((chunk, rest)) = tail.split_first_chunk::<8>() else { break };
        let word = u64::from_le_bytes(*chunk);
        let hit = equals(word, b'"') | equals(word, b'\\');
        if hit != 0 {
            let at = i + (hit.trailing_zeros() / 8) as usize;
            return if buf[at] == b'"' { Ok((at, false)) } else { escaped_string_end(buf, at) };
        }
        i += 8;
        tail = rest;
    }
    long_string_end(buf, i)
}

/// As [`string_end`], for strings without escapes that end in the buffer.
#[inline(always)]
fn plain_end(buf: &[u8], start: usize) -> Option<usize> {
    match string_end(buf, start) {
        Ok((end, false)) => Some(end),
        _ => None,
    }
}

/// The text of a string's bytes. Several times faster than the lossy way, which is for those that need it.
#[inline(never)]
fn decode(raw: &[u8], escaped: bool) -> Cow<'_, str> {
    if escaped {
        return Cow::Owned(unescape(raw));
    }
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(raw),
    }
}

/// As [`string_end`], for what is longer.
#[inline(never)]
fn long_string_end(buf: &[u8], i: usize) -> Step<(usize, bool)> {
    match memchr2(b'"', b'\\', buf.get(i..).unwrap_or_default()) {
        Some(n) if buf[i + n] == b'"' => Ok((i + n, false)),
        Some(n) => escaped_string_end(buf, i + n),
        None => Err(Stop::Truncated),
    }
}

/// As [`string_end`], from the first backslash on.
#[cold]
fn escaped_string_end(buf: &[u8], first: usize) -> Step<(usize, bool)> {
    let mut i = first;
    // Where there is one escape there are many, close together: a call of `memchr` for each is dearer than a look at
    // the next few bytes.
    while let Some(&byte) = buf.get(i) {
        match byte {
            b'"' => return Ok((i, true)),
            b'\\' => i += 2,
            _ => match buf.get(i..i + 8).and_then(|c| c.iter().position(|b| matches!(b, b'"' | b'\\'))) {
                Some(n) => i += n,
                None => match memchr2(b'"', b'\\', &buf[i..]) {
                    Some(n) => i += n,
                    None => break,
                },
            },
        }
    }
    Err(Stop::Truncated)
}

/// Resolves the escapes of RFC 8259, section 7. What is no escape stands as it is.
fn unescape(raw: &[u8]) -> String {
    let text = match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(raw),
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    // Escapes stand close together: the next one is looked for byte by byte.
    while let Some(at) = rest.bytes().position(|b| b == b'\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut chars = after.chars();
        let simple = match chars.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('u') => None,
            Some(other) => Some(other),
            None => {
                out.push('\\');
                return out;
            }
        };
        rest = match simple {
            Some(c) => {
                out.push(c);
                chars.as_str()
            }
            None => {
                let (c, used) = unicode_escape(&after[1..]);
                out.push(c);
                &after[1 + used..]
            }
        };
    }
    out.push_str(rest);
    out
}

/// What stands after `\u`: the character and how many bytes it took. A lone surrogate is U+FFFD.
fn unicode_escape(text: &str) -> (char, usize) {
    let hex = |s: &str| {
        s.get(..4).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit())).and_then(|h| u32::from_str_radix(h, 16).ok())
    };
    let Some(first) = hex(text) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if (0xD800..0xDC00).contains(&first) {
        let low = text[4..].strip_prefix("\\u").and_then(hex).filter(|low| (0xDC00..0xE000).contains(low));
        return match low {
            Some(low) => {
                let code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 10)
            }
            None => (char::REPLACEMENT_CHARACTER, 4),
        };
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(json: &str) -> Vec<(String, String)> {
        let mut cursor = Cursor::new(json.as_bytes());
        cursor.enter_object().unwrap();
        let mut out = Vec::new();
        while let Some(key) = cursor.next_key().unwrap() {
            let raw = cursor.raw_value().unwrap();
            out.push((String::from_utf8_lossy(key).into_owned(), String::from_utf8_lossy(raw.bytes()).into_owned()));
        }
        out
    }

    #[test]
    fn walks_members_of_every_kind() {
        let got = members(
            r#"{"a":1,"b" : "x\"}" , "c":{"d":["}",{}]},"e":null,"long key with more than sixteen bytes":true}"#,
        );
        let want = [
            ("a", "1"),
            ("b", r#""x\"}""#),
            ("c", r#"{"d":["}",{}]}"#),
            ("e", "null"),
            ("long key with more than sixteen bytes", "true"),
        ];
        assert_eq!(got, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn says_truncated_when_more_bytes_could_help() {
        for cut in ["{", "{\"a", "{\"a\":", "{\"a\":\"b", "{\"a\":{\"b\":1}", "{\"a\":12"] {
            let mut cursor = Cursor::new(cut.as_bytes());
            assert_eq!(cursor.skip_value(), Err(Stop::Truncated), "{cut}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(Cursor::new(deep.as_bytes()).skip_value(), Ok(()));
        assert_eq!(Raw(deep.as_bytes()).to_value(), None);
    }

    #[test]
    fn resolves_escapes() {
        for (raw, want) in [
            (r"a\/b\n", "a/b\n"),
            (r"\u00e9\ud83d\ude00", "\u{e9}\u{1f600}"),
            (r"\ud800x", "\u{fffd}x"),
            (r"\uZZZZ", "\u{fffd}ZZZZ"),
            (r"\u12", "\u{fffd}12"),
        ] {
            assert_eq!(unescape(raw.as_bytes()), want, "{raw}");
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
                prop::collection::hash_map(".*", inner, 0..8)
                    .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(value in json(), pretty: bool) {
            let object = serde_json::json!({"first": value, "second": "end"});
            let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
            let raw = Raw(text.as_bytes());
            prop_assert_eq!(raw.member("first").and_then(Raw::to_value), Some(value.clone()));
            let second = raw.member_text("second");
            prop_assert_eq!(second.as_deref(), Some("end"));
            if let Some(s) = value.as_str() {
                let first = raw.member_text("first");
                prop_assert_eq!(first.as_deref(), Some(s));
            }
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut cursor = Cursor::new(&bytes);
            if cursor.enter_object().is_ok() {
                while let Ok(Some(key)) = cursor.next_key() {
                    let _ = decode(key, true);
                    if cursor.raw_value().is_err() { break }
                }
            }
            let _ = Raw(&bytes).elements().count();
            let _ = unescape(&bytes);
        }
    }
}
