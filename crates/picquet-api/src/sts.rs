//! `GetCallerIdentity` of STS, with which many tools begin.

use picquet_store::users::User;

/// Status and XML.
pub fn answer(user: &User, body: &[u8], partition: &str, request_id: &str) -> (u16, String) {
    let body = String::from_utf8_lossy(body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    if action != Some("GetCallerIdentity") {
        let error = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                     <Code>InvalidAction</Code><Message>Only GetCallerIdentity is answered here.</Message></Error>\
                     </ErrorResponse>";
        return (400, error.into());
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
