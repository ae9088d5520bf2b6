//! Spans of time in settings: `30s`, `20m`, `2d`.

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// A span that is not negative, where days are of 24 hours; `None` for what is no span.
pub fn parse(text: &str) -> Option<SignedDuration> {
    if let Some(days) = text.strip_suffix('d').and_then(|n| n.trim().parse::<i64>().ok()) {
        return days.checked_mul(24).filter(|h| (0..24 * 36_600).contains(h)).map(SignedDuration::from_hours);
    }
    text.parse::<SignedDuration>().ok().filter(|span| !span.is_negative())
}

/// A span of settings, which is longer than nothing.
///
/// # Errors
/// When it is no such span.
pub fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let span = parse(&text).and_then(|span| Duration::try_from(span).ok()).filter(|span| !span.is_zero());
    span.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no span such as `30s`, `20m` or `2d`")))
}
