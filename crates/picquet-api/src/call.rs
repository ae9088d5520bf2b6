//! One call of an operation: who calls, what they may see, and the transaction that it happens in.

use crate::Api;
use crate::error::{ApiError, NOT_OWNED};
use crate::lists::Fetch;
use crate::resources::Detector;
use jiff::Timestamp;
use picquet_store::Sql;
use picquet_store::documents::Shelf;

/// One call.
pub struct Call<'c> {
    /// The API that was called.
    pub api: &'c Api,
    /// The transaction; nothing of it stays when the call fails.
    pub sql: &'c mut dyn Sql,
    /// The caller's account.
    pub account: &'c str,
    /// The caller.
    pub user: &'c str,
    /// The region that the request was signed for.
    pub region: &'c str,
    /// When the call came.
    pub now: Timestamp,
    /// Lists to fetch once the call's transaction is on disk.
    pub after: Vec<Fetch>,
}

impl<'c> Call<'c> {
    /// The partition of the region (AWS, "Amazon Resource Names").
    pub fn partition(&self) -> &'static str {
        picquet_model::ids::partition(self.region)
    }

    /// Milliseconds since the epoch.
    pub fn millis(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// The moment of the call as the shape `Timestamp`: seconds since the epoch.
    pub fn seconds(&self) -> f64 {
        seconds(self.millis())
    }

    /// The moment of the call as older members write it: ISO 8601 with milliseconds.
    pub fn iso(&self) -> String {
        iso(self.millis())
    }

    /// 32 random hexadecimal digits.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new_id(&self) -> Result<String, ApiError> {
        let bytes: [u8; 16] = self.api.keyring().random().map_err(|e| ApiError::Internal(e.to_string()))?;
        Ok(picquet_model::ids::hex(&bytes))
    }

    /// The ARN of something of GuardDuty's in the caller's account and region.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:guardduty:{}:{}:{resource}", self.partition(), self.region, self.account)
    }

    /// What belongs to the account in the region, detectors among it.
    pub fn account_shelf(&self) -> Shelf<'c> {
        Shelf { account: self.account, region: self.region, parent: "" }
    }

    /// What belongs to the account in all regions.
    pub fn global_shelf(&self) -> Shelf<'c> {
        Shelf { account: self.account, region: "", parent: "" }
    }

    /// What belongs to a detector.
    pub fn shelf<'s>(&self, detector: &'s str) -> Shelf<'s>
    where
        'c: 's,
    {
        Shelf { account: self.account, region: self.region, parent: detector }
    }

    /// The caller's detector of an id.
    ///
    /// # Errors
    /// When it is unknown, or another account's or region's: nobody is told which.
    pub fn detector(&mut self, id: &str) -> Result<Detector, ApiError> {
        let shelf = self.account_shelf();
        shelf.get::<Detector>(self.sql, id)?.ok_or_else(|| ApiError::bad(NOT_OWNED))
    }

    /// The caller's only detector in the region, if there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn only_detector(&mut self) -> Result<Option<(String, Detector)>, ApiError> {
        let shelf = self.account_shelf();
        Ok(shelf.page::<Detector>(self.sql, "", 1)?.into_iter().next())
    }

    /// A page of ids or names that are sorted already: how many, and from where. `question` tells requests apart whose
    /// tokens must not be mixed up.
    ///
    /// # Errors
    /// When the token is not one of this request's.
    pub fn page(&self, question: &str, most: Option<i32>, token: Option<&str>) -> Result<Page, ApiError> {
        let question = format!("{}/{}/{question}", self.account, self.region);
        let after: Option<String> = self.api.pager().place(&question, token)?;
        // 50 is the default, and the most, everywhere that a number can be given (service model).
        let most = usize::try_from(most.unwrap_or(50)).unwrap_or(50);
        Ok(Page { question, after: after.unwrap_or_default(), most })
    }

    /// Cuts what was read for a page, which is one more than it shows, and makes the token of the next.
    pub fn cut<T>(&self, page: &Page, rows: &mut Vec<(String, T)>) -> Option<String> {
        if rows.len() <= page.most {
            return None;
        }
        rows.truncate(page.most);
        rows.last().map(|(last, _)| self.api.pager().token(&page.question, last))
    }
}

/// What of a list is asked for.
pub struct Page {
    question: String,
    /// The last id of the page before; empty at the start.
    pub after: String,
    most: usize,
}

impl Page {
    /// How many rows to read: one more than are shown, to know whether there are more.
    pub const fn read(&self) -> usize {
        self.most + 1
    }
}

/// Milliseconds since the epoch as seconds.
pub fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

/// Milliseconds since the epoch as ISO 8601 with milliseconds.
pub fn iso(millis: i64) -> String {
    let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
