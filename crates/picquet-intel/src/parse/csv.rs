//! One line of CSV to its fields (RFC 4180).
//!
//! A line is read by itself: a quote that is not closed damages one entry and not the rest of the list. A quoted field
//! over several lines is therefore not joined; its later lines are reported as no indicators.

use std::borrow::Cow;

/// Fields of one line that are read; none of the formats has more columns.
const MAX_FIELDS: usize = 128;

/// The fields, trimmed and without their quotes.
pub(super) fn fields(line: &str) -> Vec<Cow<'_, str>> {
    let mut fields = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest.filter(|_| fields.len() < MAX_FIELDS) {
        let text = text.trim_start();
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => self::quoted(quoted),
            None => match text.split_once(',') {
                Some((field, after)) => (Cow::from(field.trim_end()), Some(after)),
                None => (Cow::from(text.trim_end()), None),
            },
        };
        fields.push(field);
        rest = after;
    }
    fields
}

/// A field behind its opening quote, and what follows its comma.
fn quoted(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let mut end = 0;
    let mut doubled = false;
    while let Some(found) = text[end..].find('"') {
        end += found;
        if !text[end + 1..].starts_with('"') {
            break;
        }
        doubled = true;
        end += 2;
    }
    let closed = text[end..].starts_with('"');
    let (field, after) = if closed { (&text[..end], &text[end + 1..]) } else { (text, "") };
    let field = if doubled { field.replace("\"\"", "\"").into() } else { field.into() };
    (field, after.split_once(',').map(|(_, after)| after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_quotes() {
        assert_eq!(fields("a, b ,c"), ["a", "b", "c"]);
        assert_eq!(fields(r#""a,b","say ""hi""", x"#), ["a,b", r#"say "hi""#, "x"]);
        assert_eq!(fields(r#""open, rest"#), ["open, rest"]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields(",,"), ["", "", ""]);
        assert_eq!(fields(&",".repeat(1000)).len(), MAX_FIELDS);
        assert_eq!(fields(r#""""#), [r#""#]);
        assert_eq!(fields(r#"""""#), [r#"""#]);
    }
}
