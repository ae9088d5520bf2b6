//! Requests and responses as JSON.

use crate::error::ApiError;
use crate::strict::Strict;
use picquet_api_model::{Matched, Validate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An answer that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// JSON; empty where the operation has no body (204).
    pub body: String,
}

/// All members of a request in one object: those of the path and the query over those of the body.
///
/// # Errors
/// When the body is no JSON object, or the path no UTF-8.
pub fn members(matched: &Matched, query: &str, body: &[u8]) -> Result<Value, ApiError> {
    let mut all = match body {
        [] => Map::new(),
        body => match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => members,
            Ok(_) => return Err(ApiError::bad("The request is rejected because the body is not a JSON object.")),
            Err(e) => return Err(ApiError::bad(format!("The request is rejected because the body is not JSON: {e}."))),
        },
    };
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| ApiError::bad("The request is rejected because the address is not UTF-8."))
    };
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    for (name, _) in matched.route.query {
        all.remove(*name);
    }
    matched.route.query_members(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), &mut all);
    for (name, value) in &matched.members {
        all.insert((*name).to_owned(), decode(value)?.into());
    }
    Ok(Value::Object(all))
}

/// The input of an operation, validated.
///
/// # Errors
/// When a member is missing, has another type, or does not fit.
pub fn input<T: DeserializeOwned + Validate>(members: Value) -> Result<T, ApiError> {
    let input: T = serde_path_to_error::deserialize(Strict(members)).map_err(|e| {
        let path = shortened(&e.path().to_string());
        let inner = e.into_inner().to_string();
        match inner.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(missing) if path == "." => ApiError::parameter(missing, "is required"),
            Some(missing) => ApiError::parameter(&format!("{path}.{missing}"), "is required"),
            None => ApiError::parameter(&path, &format!("cannot be read: {}", shortened(&inner))),
        }
    })?;
    input.validate()?;
    Ok(input)
}

/// What a client sent may be long, and is repeated in the error.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The output of an operation.
///
/// # Errors
/// When it cannot be written as JSON, which would be a fault of ours.
pub fn output<T: Serialize>(output: T, status: u16) -> Result<Reply, ApiError> {
    let body = match status {
        204 => String::new(),
        _ => match serde_json::to_string(&output).map_err(|e| ApiError::Internal(e.to_string()))? {
            // An operation without output.
            null if null == "null" => "{}".into(),
            body => body,
        },
    };
    Ok(Reply { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_api_model::TagResourceRequest;
    use serde_json::json;

    #[test]
    fn an_error_does_not_repeat_all_that_was_sent() {
        let (long, arn) = ("x".repeat(100_000), "arn:aws:guardduty:us-east-1:1:detector/d");
        let tags = json!({ "ResourceArn": arn, "tags": { &long: [] } });
        let message = input::<TagResourceRequest>(tags).unwrap_err().to_string();
        assert!(message.contains("tags.xxx") && message.len() < 2000, "{}", message.len());
    }
}
