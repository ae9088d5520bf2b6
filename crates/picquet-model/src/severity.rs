//! Severity bands of GuardDuty's 1.0 to 10.0 scale (user guide, "Severity levels of GuardDuty findings").

use std::fmt;
use std::str::FromStr;

/// A band of the severity scale, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 1.0 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// All bands, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The band of a score. Scores outside the scale go to the nearest band.
    pub fn of(score: f64) -> Self {
        if score >= 9.0 {
            Self::Critical
        } else if score >= 7.0 {
            Self::High
        } else if score >= 4.0 {
            Self::Medium
        } else {
            Self::Low
        }
    }

    /// The lowest score of the band.
    pub const fn floor(self) -> f64 {
        match self {
            Self::Low => 1.0,
            Self::Medium => 4.0,
            Self::High => 7.0,
            Self::Critical => 9.0,
        }
    }

    /// The band's name, as GuardDuty's console writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    /// Reads a band's name in any case, or a number of the scale.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(band) = Self::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(text)) {
            return Ok(band);
        }
        match text.parse::<f64>() {
            Ok(score) if (1.0..=10.0).contains(&score) => Ok(Self::of(score)),
            _ => Err(format!("'{text}' is no severity: give low, medium, high, critical or a number from 1 to 10")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_meet_without_gap() {
        for (score, band) in [
            (1.0, Severity::Low),
            (3.9, Severity::Low),
            (4.0, Severity::Medium),
            (6.9, Severity::Medium),
            (7.0, Severity::High),
            (8.9, Severity::High),
            (9.0, Severity::Critical),
        ] {
            assert_eq!(Severity::of(score), band);
        }
        assert_eq!("HIGH".parse::<Severity>(), Ok(Severity::High));
        assert_eq!("8".parse::<Severity>(), Ok(Severity::High));
        assert!("urgent".parse::<Severity>().is_err());
    }
}
