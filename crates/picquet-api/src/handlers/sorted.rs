//! Lists that are filtered and sorted after they were read: what the store's index has no order for, and is short.

use crate::call::Call;
use crate::error::ApiError;

/// A row with what it is sorted by. Ties are sorted by id, so that pages neither repeat nor skip.
pub struct Row<T> {
    /// What the list is sorted by.
    pub key: String,
    /// The id.
    pub id: String,
    /// What is shown.
    pub shown: T,
}

/// A moment, in milliseconds since the epoch, as a key.
pub fn moment(millis: i64) -> String {
    format!("{:020}", millis.max(0))
}

/// A page of rows, and the token of the next. `question` tells requests apart whose tokens must not be mixed up.
///
/// # Errors
/// When the token is not one of this request's.
pub fn page<T>(
    call: &Call<'_>,
    question: &str,
    most: Option<i32>,
    token: Option<&str>,
    descending: bool,
    mut rows: Vec<Row<T>>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let question = format!("{}/{}/{descending}/{question}", call.account, call.region);
    let after: Option<(String, String)> = call.api.pager().place(&question, token)?;
    // 50 is what a list without a number shows (service model, `MaxResults`).
    let most = usize::try_from(most.unwrap_or(50)).unwrap_or(50);
    rows.sort_by(|a, b| {
        let order = (&a.key, &a.id).cmp(&(&b.key, &b.id));
        if descending { order.reverse() } else { order }
    });
    if let Some((key, id)) = after {
        let order = if descending { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        rows.retain(|row| (&row.key, &row.id).cmp(&(&key, &id)) == order);
    }
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|last| call.api.pager().token(&question, &(&last.key, &last.id)));
    Ok((rows.into_iter().map(|row| row.shown).collect(), next))
}
