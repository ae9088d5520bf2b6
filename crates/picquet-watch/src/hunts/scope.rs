//! What a hunt looks through: sources, accounts and a time.

use crate::settings::Source;
use picquet_api::above::Member;
use picquet_api::hunting::{Hunter, NewHunt};
use picquet_logs::ObjectName;
use picquet_model::EventTime;
use picquet_source::days::Day;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a name.
const LONGEST_NAME: usize = 64;
/// Accounts that are named.
const MOST_ACCOUNTS: usize = 1000;
/// Characters of settings.
const LONGEST_SETTINGS: usize = 256 << 10;
/// Days that are read to learn what is usual: a quarter.
const MOST_LEARNED: u16 = 92;
/// All accounts that one may hunt through.
const ALL: &str = "*";

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How much later than its records an object may be delivered. CloudTrail takes some minutes, flow logs about ten (user
/// guides); both may take longer, and hours would be lost in silence.
const LATE: i64 = 6 * HOUR;

/// What a hunt looks through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The names of the sources.
    pub sources: Vec<String>,
    /// Whose logs.
    pub accounts: Accounts,
    /// The first moment that is looked at; milliseconds since the epoch.
    pub since: i64,
    /// The last one.
    pub until: i64,
    /// Days before that are read to learn what is usual.
    pub learn_days: u16,
    /// Whether it has accounts that are none of the caller's and its members', so that it is for administrators alone.
    pub for_administrators: bool,
    /// Settings of detection in the place of those in effect, as TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
}

/// Whose logs are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Accounts {
    /// All.
    All,
    /// Those of some accounts; with regions, findings of these alone, since an administrator sees members by region.
    Some(BTreeMap<String, BTreeSet<String>>),
}

impl Accounts {
    /// Whether an account's logs are read.
    pub fn has(&self, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(accounts) => accounts.contains_key(account),
        }
    }

    /// Whether findings of an account and region are shown.
    pub fn shows(&self, account: &str, region: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(accounts) => {
                accounts.get(account).is_some_and(|regions| regions.is_empty() || regions.contains(region))
            }
        }
    }
}

impl Scope {
    /// What is asked for, if the caller may have it.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn of(
        asked: NewHunt,
        by: Hunter<'_>,
        sources: &[Source],
        members: &[Member],
        learning_days: u16,
        now: i64,
    ) -> Result<Self, String> {
        if asked.name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
            return Err(format!("name must have at most {LONGEST_NAME} characters."));
        }
        if asked.settings.as_ref().is_some_and(|text| text.len() > LONGEST_SETTINGS) {
            return Err(format!("settings must have at most {LONGEST_SETTINGS} bytes."));
        }
        let known: BTreeSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        if let Some(unknown) = asked.sources.iter().find(|name| !known.contains(name.as_str())) {
            return Err(format!("sources: there is no source `{unknown}`."));
        }
        let sources: BTreeSet<String> = match asked.sources.is_empty() {
            true => known.into_iter().map(str::to_owned).collect(),
            false => asked.sources.into_iter().collect(),
        };
        let since = moment(&asked.since, "T00:00:00Z").map_err(|why| format!("since: {why}"))?;
        let until = asked.until.as_deref().filter(|text| !text.is_empty());
        let until = until.map_or(Ok(now), |text| moment(text, "T23:59:59.999Z"));
        let until = until.map_err(|why| format!("until: {why}"))?;
        if since >= until {
            return Err("since must be before until.".into());
        }
        let learn_days = asked.learn_days.unwrap_or(learning_days.min(MOST_LEARNED));
        if learn_days > MOST_LEARNED {
            return Err(format!("learnDays must be from 0 to {MOST_LEARNED}."));
        }
        let (accounts, for_administrators) =
            accounts(&asked.accounts, by, members).map_err(|why| format!("accounts: {why}"))?;
        let settings = asked.settings.filter(|text| !text.trim().is_empty());
        Ok(Self {
            sources: sources.into_iter().collect(),
            accounts,
            since,
            until,
            learn_days,
            for_administrators,
            settings,
        })
    }

    /// As clients are told.
    pub fn told(&self) -> Value {
        let accounts = match &self.accounts {
            Accounts::All => vec![ALL],
            Accounts::Some(accounts) => accounts.keys().map(String::as_str).collect(),
        };
        json!({ "sources": self.sources, "accounts": accounts, "since": self.since, "until": self.until,
                "learnDays": self.learn_days, "settings": self.settings })
    }

    /// The span in which activity is looked for.
    pub fn window(&self) -> (EventTime, EventTime) {
        let time = |millis| EventTime::from_millis(millis).unwrap_or(EventTime::MAX);
        (time(self.since), time(self.until))
    }

    /// The first moment of which objects are read.
    fn first(&self) -> i64 {
        self.since.saturating_sub(i64::from(self.learn_days) * DAY)
    }

    /// Whether an object may hold what is looked for, by its name. One whose name tells only a day may be of all of it.
    pub fn wants(&self, name: &ObjectName) -> bool {
        let in_time = name
            .time
            .map(EventTime::as_millis)
            .is_none_or(|time| time >= self.first().saturating_sub(DAY) && time <= self.until.saturating_add(LATE));
        in_time && !name.digest && name.account.as_deref().is_none_or(|account| self.accounts.has(account))
    }

    /// The first day of which objects are wanted, and the first after them.
    pub fn days(&self) -> (Day, Day) {
        let of = |millis: i64| {
            let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
            let day = jiff::tz::TimeZone::UTC.to_datetime(at).date();
            (day.year(), day.month(), day.day())
        };
        (of(self.first().saturating_sub(DAY)), of(self.until.saturating_add(LATE + DAY)))
    }
}

/// Whose logs are read, of those that the caller may; and whether it may them as an administrator alone.
fn accounts(asked: &[String], by: Hunter<'_>, members: &[Member]) -> Result<(Accounts, bool), String> {
    let mut may: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for member in members.iter().filter(|member| member.administrator == by.account) {
        may.entry(member.account.clone()).or_default().insert(member.region.clone());
    }
    may.insert(by.account.to_owned(), BTreeSet::new());
    if asked.len() > MOST_ACCOUNTS {
        return Err(format!("at most {MOST_ACCOUNTS} can be named."));
    }
    if asked.is_empty() {
        return Ok((Accounts::Some(BTreeMap::from([(by.account.to_owned(), BTreeSet::new())])), false));
    }
    if asked == [ALL] {
        return Ok(if by.is_administrator { (Accounts::All, true) } else { (Accounts::Some(may), false) });
    }
    let mut chosen = BTreeMap::new();
    let mut beyond = false;
    for account in asked {
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("`{account}` is no account's number of twelve digits."));
        }
        let regions = may.get(account).cloned();
        if regions.is_none() && !by.is_administrator {
            return Err(format!("{account} is neither yours nor a member's."));
        }
        beyond |= regions.is_none();
        chosen.insert(account.clone(), regions.unwrap_or_default());
    }
    Ok((Accounts::Some(chosen), beyond))
}

fn moment(text: &str, rest_of_day: &str) -> Result<i64, String> {
    EventTime::parse_rfc3339(text)
        .or_else(|| EventTime::parse_rfc3339(&format!("{text}{rest_of_day}")))
        .map(EventTime::as_millis)
        .ok_or_else(|| "give a date as 2024-05-01 or a moment as 2024-05-01T12:00:00Z.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000; // 2026-01-01

    fn source(name: &str) -> Source {
        toml::from_str(&format!("name = '{name}'\nfolder = '/x'")).unwrap()
    }

    fn of(asked: NewHunt, is_administrator: bool) -> Result<Scope, String> {
        let by = Hunter { user: "ann", account: "111122223333", is_administrator };
        let member =
            Member { administrator: "111122223333".into(), region: "eu-west-1".into(), account: "444455556666".into() };
        Scope::of(asked, by, &[source("a"), source("b")], &[member], 7, NOW)
    }

    fn asked(since: &str) -> NewHunt {
        NewHunt { since: since.into(), ..NewHunt::default() }
    }

    #[test]
    fn what_is_left_out_is_all_sources_and_ones_own_account_up_to_now() {
        let scope = of(asked("2025-12-01"), false).unwrap();
        assert_eq!((scope.sources.len(), scope.until, scope.learn_days), (2, NOW, 7));
        assert!(scope.accounts.has("111122223333") && !scope.accounts.has("444455556666"));
        assert_eq!(scope.days(), ((2025, 11, 23), (2026, 1, 2)));
    }

    #[test]
    fn a_members_findings_are_shown_where_it_is_a_member() {
        let scope = of(NewHunt { accounts: vec!["*".into()], ..asked("2025-12-01") }, false).unwrap();
        assert!(
            scope.accounts.shows("444455556666", "eu-west-1") && !scope.accounts.shows("444455556666", "us-east-1")
        );
        assert!(scope.accounts.shows("111122223333", "us-east-1") && !scope.accounts.has("777788889999"));
        let all = of(NewHunt { accounts: vec!["*".into()], ..asked("2025-12-01") }, true).unwrap();
        assert!(all.accounts.shows("777788889999", "us-east-1") && all.for_administrators && !scope.for_administrators);
        let named =
            |account: &str| of(NewHunt { accounts: vec![account.into()], ..asked("2025-12-01") }, true).unwrap();
        assert!(named("777788889999").for_administrators && !named("444455556666").for_administrators);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |asked: NewHunt| of(asked, false).unwrap_err();
        assert!(wrong(asked("soon")).starts_with("since: give a date"));
        assert!(wrong(asked("2026-01-02")).contains("before until"));
        assert!(wrong(NewHunt { until: Some("x".into()), ..asked("2025-01-01") }).starts_with("until"));
        assert!(wrong(NewHunt { sources: vec!["c".into()], ..asked("2025-01-01") }).contains("no source `c`"));
        let stranger = NewHunt { accounts: vec!["777788889999".into()], ..asked("2025-01-01") };
        assert!(wrong(stranger).contains("neither yours"));
        assert!(wrong(NewHunt { learn_days: Some(100), ..asked("2025-01-01") }).contains("learnDays"));
        assert!(wrong(NewHunt { name: Some("x".repeat(65)), ..asked("2025-01-01") }).contains("name"));
    }

    #[test]
    fn objects_are_wanted_by_account_and_time() {
        let scope = of(NewHunt { until: Some("2025-12-02".into()), learn_days: Some(1), ..asked("2025-12-01") }, false);
        let scope = scope.unwrap();
        let wants = |key: &str| scope.wants(&ObjectName::parse(key));
        let of = |account: &str, day: &str, time: &str| {
            let (year, rest) = day.split_at(4);
            let (month, day) = rest.split_at(2);
            format!(
                "AWSLogs/{account}/CloudTrail/us-east-1/{year}/{month}/{day}/{account}_CloudTrail_us-east-1_{time}_x.json.gz"
            )
        };
        assert!(wants(&of("111122223333", "20251201", "20251201T0005Z")));
        // What is learned from, and what came late.
        assert!(wants(&of("111122223333", "20251130", "20251130T0005Z")));
        assert!(wants(&of("111122223333", "20251203", "20251203T0505Z")));
        assert!(!wants(&of("111122223333", "20251203", "20251203T0705Z")));
        assert!(!wants(&of("111122223333", "20251128", "20251128T2300Z")));
        assert!(!wants(&of("444455556666", "20251201", "20251201T0005Z")));
        assert!(wants("anything.json"));
    }
}
