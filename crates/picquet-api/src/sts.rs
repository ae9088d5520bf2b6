//! `GetCallerIdentity` of STS, with which many tools begin.

use axum::http::HeaderMap;
use picquet_store::users::User;

/// Status and XML.
pub fn answer(user: &User, body: &[u8], partition: &str, request_id: &str) -> (u16, String) {
    let body = String::from_utf8_lossy(body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    if action != Some("GetCallerIdentity") {
        return (400, refusal("InvalidAction", "Only GetCallerIdentity is answered here.", request_id));
    }
    // Names and accounts are letters, digits and a few signs that XML leaves alone; `user add` sees to that.
    let User { name, account, .. } = user;
    let identity = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:{partition}:iam::{account}:user/{name}</Arn><UserId>{name}</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
    (200, identity)
}

/// Whether a body is of STS's protocol, which GuardDuty does not speak.
pub fn is_query(headers: &HeaderMap) -> bool {
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// A refusal in STS's shape, by STS's name for it.
pub fn refusal(code: &str, message: &str, request_id: &str) -> String {
    let code = match code {
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "ExpiredTokenException" => "ExpiredToken",
        "ThrottlingException" => "Throttling",
        "InternalServerErrorException" => "InternalFailure",
        other => other,
    };
    // What the client sent is in some messages.
    let message = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_escaped() {
        let xml = refusal("InvalidSignatureException", "not '<a>&</a>'", "id");
        assert!(xml.contains("<Code>SignatureDoesNotMatch</Code><Message>not '&lt;a&gt;&amp;&lt;/a&gt;'</Message>"));
    }

    #[test]
    fn a_form_is_of_its_protocol() {
        let of = |kind: &'static str| {
            is_query(&HeaderMap::from_iter([("content-type".parse().unwrap(), kind.parse().unwrap())]))
        };
        assert!(of("application/x-www-form-urlencoded; charset=utf-8") && !of("application/json"));
        assert!(!is_query(&HeaderMap::new()));
    }
}
