//! Event time: milliseconds since the Unix epoch, UTC.
//!
//! Picquet reasons in event time only. Nothing in the pure crates reads a clock, so a time is always
//! something that a record said or an argument.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Never a local time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventTime(i64);

/// Milliseconds of one hour, the width of a fact's time bucket.
pub const HOUR_MS: i64 = 3_600_000;

/// The latest moment that is accepted: the end of the year 9999, the last that ISO 8601 writes in four digits.
const MAX_MS: i64 = 253_402_300_799_999;

impl EventTime {
    /// The epoch, the earliest time that is accepted.
    pub const MIN: Self = Self(0);
    /// The end of the year 9999.
    pub const MAX: Self = Self(MAX_MS);

    /// From milliseconds since the epoch; `None` outside 1970..=9999.
    pub const fn from_millis(ms: i64) -> Option<Self> {
        if ms >= 0 && ms <= MAX_MS { Some(Self(ms)) } else { None }
    }

    /// From seconds since the epoch; `None` outside 1970..=9999.
    pub const fn from_secs(secs: i64) -> Option<Self> {
        match secs.checked_mul(1000) {
            Some(ms) => Self::from_millis(ms),
            None => None,
        }
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }

    /// The hour bucket that this moment falls into, counted from the epoch.
    pub const fn hour(self) -> u32 {
        // MAX_MS / HOUR_MS is about 70 million: always fits.
        (self.0 / HOUR_MS) as u32
    }

    /// Reads RFC 3339 as AWS writes it: `2024-05-01T12:34:56Z`, with an optional fraction, and with a
    /// numeric offset where a Lake export has one. `None` for anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        parse_utc(text.as_bytes()).or_else(|| parse_general(text))
    }
}

/// The common, fixed layout, without a calendar library: this runs once per record.
fn parse_utc(b: &[u8]) -> Option<EventTime> {
    if b.len() < 20 || b[4] != b'-' || b[7] != b'-' || b[13] != b':' || b[16] != b':' || !matches!(b[10], b'T' | b' ') {
        return None;
    }
    let (year, month, day) = (digits(&b[0..4])?, digits(&b[5..7])?, digits(&b[8..10])?);
    let (hour, minute, second) = (digits(&b[11..13])?, digits(&b[14..16])?, digits(&b[17..19])?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let millis = match &b[19..] {
        [b'Z'] => 0,
        [b'.', fraction @ .., b'Z'] if (1..=9).contains(&fraction.len()) => {
            let mut ms = 0;
            for i in 0..3 {
                ms = ms * 10 + fraction.get(i).map_or(Some(0), |&d| digits(&[d]))?;
            }
            digits(fraction)?;
            ms
        }
        _ => return None,
    };
    let secs = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    EventTime::from_millis(secs * 1000 + millis)
}

fn parse_general(text: &str) -> Option<EventTime> {
    let stamp: jiff::Timestamp = text.parse().ok()?;
    EventTime::from_millis(stamp.as_millisecond())
}

fn digits(b: &[u8]) -> Option<i64> {
    b.iter().try_fold(0i64, |n, &d| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the epoch to a date of the proleptic Gregorian calendar. The year starts in March, so that
/// the leap day is the last of it (the algorithm of H. Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// ISO 8601 in UTC with milliseconds, as GuardDuty writes its times.
impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, ms) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (y, m, d) = civil_from_days(days);
        let (s, ms) = (ms / 1000, ms % 1000);
        write!(f, "{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{ms:03}Z", s / 3600, s / 60 % 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_aws_writes() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"),
            ("2021-07-29T12:00:00.5Z", "2021-07-29T12:00:00.500Z"),
            ("2021-07-29T12:00:00.123456789Z", "2021-07-29T12:00:00.123Z"),
            ("2021-07-29T14:00:00+02:00", "2021-07-29T12:00:00.000Z"),
            ("2000-03-01T00:00:00Z", "2000-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(EventTime::parse_rfc3339(text).unwrap().to_string(), want, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2024",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00",
            "NaN",
            "2024-01-01T00:00:00.Z",
        ] {
            assert_eq!(EventTime::parse_rfc3339(text), None, "{text}");
        }
        assert_eq!(EventTime::from_secs(i64::MAX), None);
    }

    #[test]
    fn every_day_of_four_centuries_round_trips() {
        for day in (0..146_097).step_by(13) {
            let (y, m, d) = civil_from_days(day);
            assert_eq!(days_from_civil(y, m, d), day);
        }
    }
}
