//! One finding in full: what happened, why it was raised, who, what, and what to do.

use super::evidence;
use super::page::Page;
use super::rows::breakable;
use crate::escape::shell_word;
use crate::ocsf::technique_name;
use crate::units;
use crate::view::{self, View, is_written, present};
use serde_json::Value;

/// Details that are open from the start.
const OPEN: usize = 3;

/// Writes the detail. Its id is inside, so that a link to it opens what is closed around it.
pub(super) fn write(v: View<'_>, place: usize, page: &mut Page) {
    let f = v.finding;
    page.raw("<details class=\"finding ").class(v.severity()).raw("\"");
    page.raw(if place < OPEN { " open>" } else { ">" });
    page.raw("<summary>").badge(v.severity(), f.severity).raw(" <span class=type>");
    breakable(&f.finding_type, page);
    page.raw("</span> <span class=on><code>").text_to(&v.resource(), 120).raw("</code></span></summary>");
    page.raw("<article id=\"f-").text(&f.id).raw("\"><p class=what>").text(&v.sentence()).raw("</p>");
    why(v, page);
    page.raw("<div class=facts>");
    actor(v, page);
    resource(v, page);
    action(v, page);
    times(v, page);
    page.raw("</div>");
    evidence::write(v, page);
    advice(v, page);
    cli(v, page);
    raw_json(v, page);
    page.raw("</article></details>");
}

fn why(v: View<'_>, page: &mut Page) {
    let why = v.why();
    if why.reason.is_empty() && why.observations.is_empty() {
        return;
    }
    page.raw("<h3>Why</h3>");
    if !why.reason.is_empty() {
        page.raw("<p>").text(&why.reason).raw("</p>");
    }
    if !why.observations.is_empty() {
        page.raw("<div class=scroll><table class=why><thead><tr><th scope=col>Observation<th scope=col>Seen");
        page.raw("<th scope=col>Against</thead><tbody>");
        for o in &why.observations {
            page.raw("<tr><th scope=row>").text(&o.name).raw("<td>").text(&o.observed).raw("<td>");
            page.text(o.against.as_deref().unwrap_or("–"));
        }
        page.raw("</tbody></table></div>");
    }
    if !why.detector.is_empty() {
        page.raw("<p class=quiet>Detector <code>").text(&why.detector).raw("</code></p>");
    }
}

/// Who was on the other side; for a finding whose resource is the actor, the target.
fn actor(v: View<'_>, page: &mut Page) {
    let role = &v.finding.service.resource_role;
    let remotes = v.remotes();
    let call = v.action().aws_api_call_action.as_ref();
    let domain = v.action().dns_request_action.as_ref().map(|q| q.domain.as_str());
    if remotes.is_empty() && call.is_none() && domain.is_none() {
        return;
    }
    page.raw("<section><h3>").raw(if role == "ACTOR" { "Target" } else { "Actor" }).raw("</h3><dl>");
    for remote in remotes.iter().take(20) {
        page.pair("Address", view::address(remote).unwrap_or_default());
        let place = [remote.city.as_ref().and_then(|c| present(&c.city_name)), country_name(remote)];
        page.pair("Place", &place.into_iter().flatten().collect::<Vec<_>>().join(", "));
        page.pair("Network", &view::network(remote).unwrap_or_default());
    }
    if remotes.len() > 20 {
        page.raw("<div><dt>More</dt><dd>").number((remotes.len() - 20) as u64).raw(" addresses</dd></div>");
    }
    page.pair("Domain", domain.unwrap_or_default());
    if let Some(call) = call {
        page.pair("Service", call.domain_details.as_ref().map_or("", |d| &d.domain));
        page.pair("User agent", present(&call.user_agent).unwrap_or_default());
        let other = call.remote_account_details.as_ref();
        page.pair("Calling account", other.map_or("", |a| &a.account_id));
    }
    page.raw("</dl></section>");
}

fn country_name(remote: &picquet_model::finding::RemoteIpDetails) -> Option<&str> {
    let country = remote.country.as_ref()?;
    present(&country.country_name).or_else(|| present(&country.country_code))
}

fn resource(v: View<'_>, page: &mut Page) {
    let r = &v.finding.resource;
    page.raw("<section><h3>Resource</h3><dl>").pair("Kind", &r.resource_type);
    page.pair("Role", &v.finding.service.resource_role);
    if let Some(i) = &r.instance_details {
        page.pair("Instance", present(&i.instance_id).unwrap_or_default());
        page.pair("Type", present(&i.instance_type).unwrap_or_default());
        page.pair("Image", present(&i.image_id).unwrap_or_default());
        page.pair("Profile", i.iam_instance_profile.as_ref().and_then(|p| present(&p.arn)).unwrap_or_default());
        for eni in i.network_interfaces.iter().take(4) {
            page.pair("Interface", present(&eni.network_interface_id).unwrap_or_default());
            page.pair("Private address", present(&eni.private_ip_address).unwrap_or_default());
            page.pair("Public address", present(&eni.public_ip).unwrap_or_default());
            page.pair("VPC", present(&eni.vpc_id).unwrap_or_default());
        }
        let tags: Vec<_> = i.tags.iter().take(20).map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        page.pair("Tags", &tags.join(", "));
    }
    if let Some(k) = &r.access_key_details {
        page.pair("User", present(&k.user_name).unwrap_or_default());
        page.pair("User type", present(&k.user_type).unwrap_or_default());
        page.pair("Access key", present(&k.access_key_id).unwrap_or_default());
        page.pair("Principal", present(&k.principal_id).unwrap_or_default());
    }
    for bucket in r.s3_bucket_details.iter().take(10) {
        page.pair("Bucket", present(&bucket.name).or_else(|| present(&bucket.arn)).unwrap_or_default());
        page.pair("Public access", bucket.public_access.as_ref().map_or("", |p| &p.effective_permission));
    }
    page.raw("</dl></section>");
}

fn action(v: View<'_>, page: &mut Page) {
    let a = v.action();
    page.raw("<section><h3>Action</h3><dl>").pair("Kind", &a.action_type).pair("What", &v.what());
    if let Some(call) = &a.aws_api_call_action {
        page.pair("API", &call.api).pair("Service", &call.service_name);
        page.pair("Error", present(&call.error_code).unwrap_or_default());
        let affected: Vec<_> = call.affected_resources.iter().take(20).map(|(k, v)| format!("{k}: {v}")).collect();
        page.pair("Affected", &affected.join(", "));
    }
    if let Some(query) = &a.dns_request_action {
        page.pair("Registered domain", present(&query.domain_with_suffix).unwrap_or_default());
        page.pair("Protocol", &query.protocol);
    }
    if let Some(net) = &a.network_connection_action {
        page.pair("Direction", &net.connection_direction).pair("Protocol", &net.protocol);
        page.pair("Local port", &format!("{} {}", net.local_port_details.port, net.local_port_details.port_name));
        page.pair("Remote port", &format!("{} {}", net.remote_port_details.port, net.remote_port_details.port_name));
    }
    page.raw("</dl></section>");
}

fn times(v: View<'_>, page: &mut Page) {
    let f = v.finding;
    page.raw("<section><h3>When and where</h3><dl><div><dt>First</dt><dd>").time(v.first());
    page.raw("</dd></div><div><dt>Last</dt><dd>").time(v.last()).raw("</dd></div>");
    page.pair("Count", &units::grouped(v.count())).pair("Account", &f.account_id).pair("Region", &f.region);
    page.pair("Finding id", &f.id).raw("</dl></section>");
}

/// The catalogue's ATT&CK ids and advice.
fn advice(v: View<'_>, page: &mut Page) {
    let Some(row) = v.row() else { return };
    if is_written(&row.remediation) {
        page.raw("<h3>What to do</h3><p>").text(&row.remediation).raw("</p>");
    }
    if !row.attack.is_empty() {
        page.raw("<p class=quiet>MITRE ATT&amp;CK");
        for id in &row.attack {
            page.raw(" <code>").text(id).raw("</code> ").text(technique_name(id).unwrap_or_default());
        }
        page.raw("</p>");
    }
}

fn cli(v: View<'_>, page: &mut Page) {
    let f = v.finding;
    let line = format!(
        "aws guardduty get-findings --endpoint-url \"$PICQUET_URL\" --region {} --detector-id {} --finding-ids {}",
        shell_word(&f.region),
        shell_word(&f.service.detector_id),
        shell_word(&f.id),
    );
    page.raw("<h3>From a Picquet server</h3><pre class=cli>").text(&line).raw("</pre>");
}

fn raw_json(v: View<'_>, page: &mut Page) {
    let mut json = serde_json::to_value(v.finding).unwrap_or(Value::Null);
    let shortened = shorten(&mut json);
    page.raw("<details class=raw><summary>JSON</summary>");
    if shortened {
        page.raw("<p class=note>Long values are cut here; the JSON output has all of them.</p>");
    }
    page.raw("<pre>").json(&serde_json::to_string_pretty(&json).unwrap_or_default()).raw("</pre></details>");
}

/// Cuts long texts, names of members too; whether anything was cut.
fn shorten(value: &mut Value) -> bool {
    match value {
        Value::String(text) => cut(text),
        Value::Array(items) => items.iter_mut().fold(false, |any, item| shorten(item) | any),
        Value::Object(members) => {
            let mut any = members.values_mut().fold(false, |any, item| shorten(item) | any);
            let long: Vec<_> = members.keys().filter(|key| key.len() > LONGEST).cloned().collect();
            for mut key in long {
                let member = members.remove(&key);
                any |= cut(&mut key);
                members.insert(key, member.unwrap_or_default());
            }
            any
        }
        _ => false,
    }
}

/// Characters of a text in the JSON that the page shows.
const LONGEST: usize = 4000;

fn cut(text: &mut String) -> bool {
    let end = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    if let Some(end) = end {
        text.truncate(end);
        text.push('…');
    }
    end.is_some()
}
