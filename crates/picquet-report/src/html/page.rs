//! The page as it is built: literal markup on one way, escaped text on the other.

use crate::escape::{LONG, json_html, push_html};
use crate::units;
use picquet_model::{EventTime, Severity};
use std::fmt::Write;

/// HTML that is being written.
#[derive(Default)]
pub(super) struct Page {
    html: String,
}

impl Page {
    /// Literal markup. It is `'static` so that nothing from a log can come this way by mistake.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.html.push_str(markup);
        self
    }

    /// Text, escaped, with hidden characters made visible, and cut when it is very long.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.text_to(text, LONG)
    }

    /// Text with a limit of its own.
    pub(super) fn text_to(&mut self, text: &str, limit: usize) -> &mut Self {
        push_html(&mut self.html, text, limit);
        self
    }

    /// A label of a drawing: cut with an ellipsis only, since the numbers below have the whole.
    pub(super) fn label(&mut self, text: &str, limit: usize) -> &mut Self {
        let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
        self.text_to(&text[..end], limit).raw(if end < text.len() { "…" } else { "" })
    }

    /// JSON text, for a `pre`.
    pub(super) fn json(&mut self, json: &str) -> &mut Self {
        self.html.push_str(&json_html(json));
        self
    }

    /// A number with separators.
    pub(super) fn number(&mut self, n: u64) -> &mut Self {
        self.html.push_str(&units::grouped(n));
        self
    }

    /// A plain number, for an attribute.
    pub(super) fn int(&mut self, n: impl Into<i64>) -> &mut Self {
        let _ = write!(self.html, "{}", n.into());
        self
    }

    /// A percentage with two decimals, for an attribute of a drawing.
    pub(super) fn percent(&mut self, value: f64) -> &mut Self {
        let value = if value.is_finite() { value } else { 0.0 };
        let _ = write!(self.html, "{value:.2}%");
        self
    }

    /// A severity's class: its name in lower case.
    pub(super) fn class(&mut self, severity: Severity) -> &mut Self {
        self.html.push_str(class(severity));
        self
    }

    /// A badge with the severity's word and score.
    pub(super) fn badge(&mut self, severity: Severity, score: f64) -> &mut Self {
        self.raw("<span class=\"badge ").class(severity).raw("\">").raw(severity.name()).raw(" ");
        self.text(&units::score(score)).raw("</span>")
    }

    /// A moment to the second, with the exact one in the markup.
    pub(super) fn time(&mut self, time: Option<EventTime>) -> &mut Self {
        match time {
            None => self.raw("unknown"),
            Some(t) => {
                self.raw("<time datetime=\"").text(&t.to_string()).raw("\">").text(&units::minute(t)).raw("</time>")
            }
        }
    }

    /// One `dt` and `dd`, where there is a value.
    pub(super) fn pair(&mut self, name: &'static str, value: &str) -> &mut Self {
        if !value.is_empty() {
            self.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>");
        }
        self
    }

    /// What was built since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.html)
    }
}

/// The class of a severity.
pub(super) fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}
