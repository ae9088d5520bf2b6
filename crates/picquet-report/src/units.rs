//! Numbers, sizes and times as people read them.

use picquet_model::EventTime;

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 finding`, `2 findings`, `1,000 findings`.
pub(crate) fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(n)) }
}

/// Bytes in decimal units, with three digits at most.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = n as f64;
    let mut unit = 0;
    // 999.5 would be shown as 1000 of the smaller unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{n} B"),
        _ if value < 10.0 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// Seconds as `0.42 s`, `12 s`, `3 min 5 s`, `2 h 4 min`.
pub(crate) fn seconds(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return "unknown".into();
    }
    if secs < 10.0 {
        return format!("{secs:.2} s");
    }
    let whole = secs.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}

/// How long a span of time is, rounded: `42 seconds`, `12 minutes`, `3 hours`, `40 days`.
pub(crate) fn span(from: EventTime, to: EventTime) -> String {
    let secs = u64::try_from((to.as_millis() - from.as_millis()) / 1000).unwrap_or(0);
    match secs {
        0..120 => counted(secs, "second"),
        120..7200 => counted((secs + 30) / 60, "minute"),
        7200..172_800 => counted((secs + 1800) / 3600, "hour"),
        _ => counted((secs + 43_200) / 86_400, "day"),
    }
}

/// `2024-05-01 12:34`: minutes are enough to find one's way, and the exact time is in the JSON.
pub(crate) fn minute(time: EventTime) -> String {
    let text = time.to_string();
    format!("{} {}", &text[..10], &text[11..16])
}

/// `2024-05-01`.
pub(crate) fn day(time: EventTime) -> String {
    time.to_string()[..10].to_owned()
}

/// A severity's score as GuardDuty's console shows it: one decimal.
pub(crate) fn score(severity: f64) -> String {
    if severity.is_finite() { format!("{severity:.1}") } else { "?".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "finding"), "1 finding");
        assert_eq!(counted(1000, "finding"), "1,000 findings");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1500), "1.5 kB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18 EB");
        assert_eq!(seconds(0.416), "0.42 s");
        assert_eq!(seconds(185.2), "3 min 5 s");
        assert_eq!(seconds(7440.0), "2 h 4 min");
        assert_eq!(seconds(f64::NAN), "unknown");
    }

    #[test]
    fn times_read_well() {
        let time = EventTime::parse_rfc3339("2024-05-01T12:34:56.789Z").unwrap();
        let later = EventTime::parse_rfc3339("2024-05-04T12:34:56Z").unwrap();
        assert_eq!(minute(time), "2024-05-01 12:34");
        assert_eq!(span(time, later), "3 days");
        assert_eq!(span(later, time), "0 seconds");
    }
}
