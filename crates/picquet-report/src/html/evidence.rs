//! Evidence of a finding: the lists that matched, and the other members of `additionalInfo`.

use super::page::Page;
use crate::view::{View, text};
use serde_json::Value;

/// Members, and items of a list, that are shown.
const MOST: usize = 30;

/// Writes the evidence; nothing where there is none.
pub(super) fn write(v: View<'_>, page: &mut Page) {
    let lists = v.finding.service.evidence.iter().flat_map(|e| &e.threat_intelligence_details);
    let lists: Vec<_> = lists.collect();
    let members = v.evidence();
    if lists.is_empty() && members.is_empty() {
        return;
    }
    page.raw("<h3>Evidence</h3><dl class=evidence>");
    for list in lists.iter().take(MOST) {
        page.raw("<div><dt>On the list</dt><dd>").text(&list.threat_list_name);
        if !list.threat_names.is_empty() {
            page.raw(" (").text(&list.threat_names.join(", ")).raw(")");
        }
        page.raw("</dd></div>");
    }
    // The lists say the same.
    let known = |key: &str| !lists.is_empty() && matches!(key, "threatListName" | "threatName");
    for (key, value) in members.iter().filter(|(key, _)| !known(key)).take(MOST) {
        page.raw("<div><dt>").text_to(key, 80).raw("</dt><dd>");
        item(value, page);
        page.raw("</dd></div>");
    }
    if members.len() > MOST {
        page.raw("<div><dt>More</dt><dd>").number((members.len() - MOST) as u64);
        page.raw(" members are in the JSON.</dd></div>");
    }
    page.raw("</dl>");
}

/// A list as a list, anything else in one line.
fn item(value: &Value, page: &mut Page) {
    match value {
        Value::Array(items) => {
            page.raw("<ul>");
            for one in items.iter().take(MOST) {
                page.raw("<li>").text_to(&flat(one), 400).raw("</li>");
            }
            if items.len() > MOST {
                page.raw("<li>and ").number((items.len() - MOST) as u64).raw(" more</li>");
            }
            page.raw("</ul>");
        }
        other => {
            page.text_to(&flat(other), 1000);
        }
    }
}

/// `name: ListBuckets, count: 5`.
fn flat(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let parts: Vec<_> = members.iter().map(|(key, value)| format!("{key}: {}", text(value))).collect();
            parts.join(", ")
        }
        other => text(other),
    }
}
