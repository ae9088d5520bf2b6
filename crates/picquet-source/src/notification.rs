//! What a queue says of new objects: S3's own notifications, the same through SNS, and S3's events of EventBridge.
//!
//! Shapes: Amazon S3 user guide, "Event message structure" and "EventBridge event message structure"; Amazon SNS
//! developer guide, "Fanout to SQS" (an envelope, unless raw delivery is on).

use serde_json::Value;

/// An object that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// The bucket.
    pub bucket: String,
    /// The key, as it is in the bucket.
    pub key: String,
    /// The ETag, without quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Objects were made.
    Made(Vec<Notified>),
    /// Something that is no news of an object, such as S3's test message, or that one was removed.
    Other(&'static str),
    /// Nothing that is known.
    Unknown(&'static str),
}

/// The longest message of SQS is 1 MiB (since 2025; 256 KiB before).
const LONGEST: usize = 1 << 20;
/// Objects of one message; S3 puts one into each.
const MOST: usize = 1000;

/// Reads a message.
pub fn parse(body: &str) -> Message {
    if body.len() > LONGEST {
        return Message::Unknown("longer than 1 MiB");
    }
    let Ok(value) = serde_json::from_str::<Value>(body) else { return Message::Unknown("no JSON") };
    // SNS wraps the message as text; a topic may be behind another one, but no further.
    let unwrapped = value.get("Type").filter(|kind| *kind == "Notification").and(value.get("Message"));
    match unwrapped.and_then(Value::as_str).map(serde_json::from_str::<Value>) {
        Some(Ok(inner)) => of(&inner),
        Some(Err(_)) => Message::Unknown("an SNS message that is no JSON"),
        None => of(&value),
    }
}

fn of(value: &Value) -> Message {
    if value.get("Event").is_some_and(|event| event == "s3:TestEvent") {
        return Message::Other("S3's test message");
    }
    if let Some(records) = value.get("Records").and_then(Value::as_array) {
        let made: Vec<Notified> = records.iter().take(MOST).filter_map(record).collect();
        return match (made.is_empty(), records.is_empty()) {
            (false, _) => Message::Made(made),
            (true, true) => Message::Unknown("a notification without records"),
            (true, false) => Message::Other("objects were not made"),
        };
    }
    if value.get("source").is_some_and(|source| source == "aws.s3") {
        return match value.get("detail-type").and_then(Value::as_str) {
            Some("Object Created") => {
                event(value).map_or(Message::Unknown("an event without a key"), |made| Message::Made(vec![made]))
            }
            _ => Message::Other("an event of another kind"),
        };
    }
    Message::Unknown("no notification of S3")
}

/// S3's own: the key is URL-encoded, with plus signs for spaces.
fn record(record: &Value) -> Option<Notified> {
    let name = record.get("eventName")?.as_str()?;
    if !name.trim_start_matches("s3:").starts_with("ObjectCreated:") {
        return None;
    }
    let object = record.pointer("/s3/object")?;
    let key = object.get("key")?.as_str()?.replace('+', " ");
    let key = percent_encoding::percent_decode_str(&key).decode_utf8().ok()?.into_owned();
    notified(record.pointer("/s3/bucket/name")?, key, object.get("eTag"), object)
}

/// EventBridge's: the key is not encoded.
fn event(event: &Value) -> Option<Notified> {
    let object = event.pointer("/detail/object")?;
    let key = object.get("key")?.as_str()?.to_owned();
    notified(event.pointer("/detail/bucket/name")?, key, object.get("etag"), object)
}

fn notified(bucket: &Value, key: String, etag: Option<&Value>, object: &Value) -> Option<Notified> {
    Some(Notified {
        bucket: bucket.as_str()?.to_owned(),
        key,
        etag: etag.and_then(Value::as_str).unwrap_or_default().trim_matches('"').to_owned(),
        size: object.get("size").and_then(Value::as_u64).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn direct(name: &str) -> Value {
        json!({ "Records": [{ "eventSource": "aws:s3", "eventName": name, "s3": {
            "bucket": { "name": "logs" },
            "object": { "key": "AWSLogs/a+b%2Bc.json.gz", "size": 7, "eTag": "e1" } } }] })
    }

    fn made(key: &str) -> Message {
        Message::Made(vec![Notified { bucket: "logs".into(), key: key.into(), etag: "e1".into(), size: 7 }])
    }

    #[test]
    fn the_three_ways_name_the_same_object() {
        let body = direct("ObjectCreated:Put").to_string();
        assert_eq!(parse(&body), made("AWSLogs/a b+c.json.gz"));
        let wrapped = json!({ "Type": "Notification", "Message": body }).to_string();
        assert_eq!(parse(&wrapped), made("AWSLogs/a b+c.json.gz"));
        let event = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {
            "bucket": { "name": "logs" }, "object": { "key": "AWSLogs/a b+c.json.gz", "size": 7, "etag": "e1" } } });
        assert_eq!(parse(&event.to_string()), made("AWSLogs/a b+c.json.gz"));
        assert_eq!(
            parse(&json!({ "Type": "Notification", "Message": event.to_string() }).to_string()),
            parse(&event.to_string())
        );
    }

    #[test]
    fn what_is_no_news_is_told_from_what_is_not_understood() {
        assert!(matches!(parse(r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#), Message::Other(_)));
        assert!(matches!(parse(&direct("ObjectRemoved:Delete").to_string()), Message::Other(_)));
        for bad in ["", "hello", "[]", "{}", r#"{"Records":[]}"#, r#"{"Type":"Notification","Message":"x"}"#] {
            assert!(matches!(parse(bad), Message::Unknown(_)), "{bad}");
        }
        let event = json!({ "source": "aws.s3", "detail-type": "Object Deleted" }).to_string();
        assert!(matches!(parse(&event), Message::Other(_)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn any_key_comes_back(key in "[ -~]{1,80}") {
            let encoded = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC).to_string();
            let body = json!({ "Records": [{ "eventName": "ObjectCreated:Put", "s3": {
                "bucket": { "name": "logs" }, "object": { "key": encoded.replace("%20", "+"), "eTag": "\"e1\"", "size": 7 } } }] });
            proptest::prop_assert_eq!(parse(&body.to_string()), made(&key));
        }
    }
}
