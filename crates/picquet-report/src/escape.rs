//! Untrusted text, made safe to show.
//!
//! An attacker chooses user agents, domain names, role names and object keys. Whatever could move a
//! terminal's cursor, reverse the reading order or be invisible is written as `\u{..}`; and all text is
//! bounded, since one name can be 64 KiB long. This is for eyes only: the JSON formats carry the exact text.

use std::borrow::Cow;
use std::fmt::Write;

/// The longest text that is shown in a line of its own.
pub(crate) const LONG: usize = 2000;
/// The longest text that is shown inside a sentence or a cell.
pub(crate) const SHORT: usize = 200;

/// Whether a character must not be shown as it is.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            // Zero-width characters, joiners, directional marks, line and paragraph separators,
            // embeddings and overrides.
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            // Word joiner, invisible operators, isolates, deprecated formatting.
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            // Private use, where a font can draw anything, and tags and variation selectors.
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// The text with hidden characters as `\u{..}`, and cut after `limit` characters with a note that says so.
pub(crate) fn visible(text: &str, limit: usize) -> Cow<'_, str> {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    let shown = &text[..end];
    if end == text.len() && !shown.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(shown.len() + 32);
    for c in shown.chars() {
        push_visible(&mut safe, c);
    }
    if end < text.len() {
        // Writing to a string cannot fail.
        let _ = write!(safe, "… (+{} characters)", text[end..].chars().count());
    }
    Cow::Owned(safe)
}

/// One character, made visible.
pub(crate) fn push_visible(safe: &mut String, c: char) {
    if is_hidden(c) {
        let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
    } else {
        safe.push(c);
    }
}

/// Appends the text as HTML: markup escaped, hidden characters marked and visible, cut after `limit`.
pub(crate) fn push_html(page: &mut String, text: &str, limit: usize) {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    for c in text[..end].chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c if is_hidden(c) => push_visible(page, c),
            c => page.push(c),
        }
    }
    if end < text.len() {
        let _ = write!(page, "… (+{} characters)", text[end..].chars().count());
    }
}

/// JSON text as HTML. Hidden characters become JSON's own escapes, so that what is copied from the page
/// is still the exact value.
pub(crate) fn json_html(json: &str) -> String {
    let mut page = String::with_capacity(json.len() + json.len() / 4);
    for c in json.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '\n' => page.push('\n'),
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(page, "\\u{unit:04x}");
                }
            }
            c => page.push(c),
        }
    }
    page
}

/// A CSV cell which no spreadsheet takes for a formula (OWASP, "CSV Injection"): a leading quote where
/// it would start with `=`, `+`, `-`, `@`, their full-width forms, a tab or a carriage return.
pub(crate) fn csv_cell(text: &str, limit: usize) -> Cow<'_, str> {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '=', '+', '-', '@']);
    let safe = visible(text, limit);
    if risky { Cow::Owned(format!("'{safe}")) } else { safe }
}

/// One word of a POSIX shell command. A line that is offered for copying must not run what a log says.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/@".contains(c));
    let text = visible(text, SHORT);
    if plain { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_become_visible() {
        assert_eq!(visible("plain é 漢", 100), "plain é 漢");
        assert_eq!(visible("a\x1b[31mb", 100), "a\\u{1b}[31mb");
        assert_eq!(visible("\u{202e}gpj.exe\u{200b}\u{9b}", 100), "\\u{202e}gpj.exe\\u{200b}\\u{9b}");
        assert_eq!(visible("abcdef", 4), "abcd… (+2 characters)");
        assert!(visible(&"x".repeat(65_536), 100).chars().count() < 130);
    }

    #[test]
    fn markup_is_escaped() {
        let mut page = String::new();
        push_html(&mut page, "<b a='\"'>&\u{2066}", LONG);
        assert_eq!(page, "&lt;b a=&#39;&quot;&#39;&gt;&amp;\\u{2066}");
        assert_eq!(json_html("{\n \"a\": \"<\u{202e}\u{e0041}\"}"), "{\n \"a\": \"&lt;\\u202e\\udb40\\udc41\"}");
    }

    #[test]
    fn formulas_are_defused() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=1"] {
            assert!(csv_cell(text, 100).starts_with('\''), "{text:?}");
        }
        assert_eq!(csv_cell("a=1", 100), "a=1");
    }

    #[test]
    fn shell_words_cannot_run() {
        assert_eq!(shell_word("us-east-1"), "us-east-1");
        assert_eq!(shell_word("x; rm -rf ~"), "'x; rm -rf ~'");
        assert_eq!(shell_word("a'b"), r"'a'\''b'");
        assert_eq!(shell_word("--output"), "'--output'");
        assert_eq!(shell_word(""), "''");
    }
}
