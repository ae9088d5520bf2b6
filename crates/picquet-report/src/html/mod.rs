//! One self-contained page: what an analyst reads, prints or attaches to a ticket.
//!
//! No request leaves the page: its policy allows only the one style sheet and the one script that are in
//! it, both by their hash, so that markup which got through the escaping could still not run. Everything
//! works without the script, which adds filtering, sorting, expanding and copying.
//!
//! All text goes through [`page::Page`], which escapes; literal markup comes from this module only.

mod about;
mod bars;
mod charts;
mod days;
mod detail;
mod evidence;
mod header;
mod page;
mod rows;
mod timeline;

use crate::summary::Summary;
use crate::view::{View, worst_first};
use page::Page;
use picquet_model::Finding;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Findings that get a detail of their own; the page says so where there are more.
pub const DETAIL_LIMIT: usize = 1000;
/// Findings that get a row in the table; the page says so where there are more.
pub const ROW_LIMIT: usize = 5000;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Writes the page, part by part, so that the whole is never in memory.
pub(crate) fn write(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let views = worst_first(findings);
    let mut page = Page::default();
    head(&views, &mut page);
    header::write(&views, summary, &mut page);
    if !views.is_empty() {
        charts::write(&views, &mut page);
        rows::write(&views, &mut page);
        out.write_all(page.take().as_bytes())?;
        page.raw("<section id=details aria-labelledby=details-title><h2 id=details-title>Details</h2>");
        if views.len() > DETAIL_LIMIT {
            page.raw("<p class=note>Details are given for the ");
            page.number(DETAIL_LIMIT as u64);
            page.raw(" findings to look at first. All ");
            page.number(views.len() as u64);
            page.raw(" are in the JSON and CSV outputs.</p>");
        }
        for (place, view) in views.iter().take(DETAIL_LIMIT).enumerate() {
            detail::write(*view, place, &mut page);
            out.write_all(page.take().as_bytes())?;
        }
        page.raw("</section>");
    }
    about::write(summary, &mut page);
    page.raw("</main><script>");
    page.raw(SCRIPT);
    page.raw("</script></body></html>\n");
    out.write_all(page.take().as_bytes())
}

fn head(views: &[View<'_>], page: &mut Page) {
    page.raw("<!doctype html>\n<html lang=en><head><meta charset=utf-8>");
    page.raw("<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src '");
    page.text(&source_hash(STYLE));
    page.raw("'; script-src '");
    page.text(&source_hash(SCRIPT));
    page.raw("'; img-src data:; base-uri 'none'; form-action 'none'\">");
    page.raw("<meta name=viewport content=\"width=device-width, initial-scale=1\">");
    page.raw("<meta name=referrer content=no-referrer><meta name=color-scheme content=\"light dark\">");
    page.raw("<title>Picquet report: ");
    page.text(&crate::units::counted(views.len() as u64, "finding"));
    page.raw("</title><style>");
    page.raw(STYLE);
    page.raw("</style></head><body><main>");
}

/// A hash source of a content security policy.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// RFC 4648 base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0u32, |word, (i, byte)| word | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            // A chunk of n bytes fills n + 1 digits.
            let digit = (word >> (18 - 6 * i) & 63) as usize;
            text.push(if i <= chunk.len() { char::from(ALPHABET[digit]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_rfc_4648() {
        for (bytes, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), want);
        }
    }

    #[test]
    fn assets_hold_nothing_that_ends_them_or_calls_out() {
        for asset in [STYLE, SCRIPT] {
            assert!(!asset.contains("</") && !asset.contains("http") && !asset.contains("url("));
        }
    }
}
