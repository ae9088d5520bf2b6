//! What all renderers must do, whatever a log says.

use crate::samples::{self, HOSTILE};
use crate::{Format, Options, Summary, render, summary_text};
use picquet_model::Finding;
use proptest::prelude::*;

fn rendered(format: Format, findings: &[Finding], options: &Options) -> String {
    let mut out = Vec::new();
    render(format, findings, &samples::summary(), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A few of each: all kinds of the sample, and hostile ones but for the very long.
fn few() -> Vec<Finding> {
    let long = HOSTILE.len();
    let few = samples::findings().into_iter().take(9).chain(samples::hostile().into_iter().take(long));
    samples::sorted(few.map(without_row).collect())
}

/// A type that the catalogue does not have, so that the snapshots do not change with its texts.
fn without_row(mut finding: Finding) -> Finding {
    finding.finding_type += "!Sample";
    finding
}

/// Everything between the style and the script, which are the same in each page.
fn body(page: &str) -> String {
    let (_, rest) = page.split_once("</style>").unwrap();
    let (body, _) = rest.rsplit_once("<script>").unwrap();
    // One tag a line, so that a change of the snapshot can be read.
    body.replace("><", ">\n<")
}

#[test]
fn snapshots_of_tables() {
    for width in [80, 120, 200] {
        let options = Options { width: Some(width), ..Options::default() };
        insta::assert_snapshot!(format!("table_{width}"), rendered(Format::Table, &few(), &options));
    }
    let options = Options { width: Some(100), verbose: 1, color: true, ..Options::default() };
    insta::assert_snapshot!("table_color_verbose", rendered(Format::Table, &few(), &options));
    insta::assert_snapshot!("table_nothing", rendered(Format::Table, &[], &Options::default()));
}

#[test]
fn snapshots_of_machine_formats() {
    for format in [Format::Json, Format::Ndjson, Format::Csv, Format::Asff, Format::Ocsf] {
        insta::assert_snapshot!(format!("{format}"), rendered(format, &few(), &Options::default()));
    }
}

#[test]
fn snapshot_of_page() {
    // Two that are well-behaved and two that are not: the rest says nothing new.
    let hostile = samples::hostile().into_iter().skip(3).take(2);
    let findings: Vec<_> = samples::findings().into_iter().take(2).chain(hostile).map(without_row).collect();
    insta::assert_snapshot!("html", body(&rendered(Format::Html, &findings, &Options::default())));
}

#[test]
fn snapshots_of_closing_summary() {
    insta::assert_snapshot!("closing", summary_text(&samples::summary(), &Options::default()));
    insta::assert_snapshot!("closing_empty", summary_text(&Summary::default(), &Options::default()));
}

#[test]
fn the_catalogues_advice_is_shown_where_it_is_written() {
    let finding = samples::findings().remove(0);
    let row = picquet_model::TypeId::of(&finding.finding_type).unwrap().row();
    let advice = crate::view::is_written(&row.remediation).then_some(row.remediation.as_str());
    let asff = crate::asff_finding(&finding);
    let expected = advice.map(|text| text.chars().take(500).collect::<String>());
    let text = asff["Remediation"]["Recommendation"]["Text"].as_str().map(|t| t.chars().take(500).collect::<String>());
    assert_eq!(text, expected);
    let ocsf = crate::ocsf_finding(&finding, "0", crate::OcsfVersion::default());
    assert_eq!(ocsf["remediation"]["desc"].as_str(), advice);
    assert_eq!(ocsf["finding_info"]["attacks"].as_array().map_or(0, Vec::len), row.attack.len());
    let page = rendered(Format::Html, &[finding], &Options::default());
    assert_eq!(page.contains("<h3>What to do</h3>"), advice.is_some());
    assert!(row.attack.iter().all(|id| page.contains(id.as_str())));
}

#[test]
fn json_formats_carry_the_findings_exactly() {
    let findings = samples::hostile();
    let array: Vec<Finding> = serde_json::from_str(&rendered(Format::Json, &findings, &Options::default())).unwrap();
    assert_eq!(array, findings);
    let lines = rendered(Format::Ndjson, &findings, &Options::default());
    let lines: Vec<Finding> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, findings);
    assert_eq!(rendered(Format::Json, &[], &Options::default()), "[]\n");
}

#[test]
fn five_thousand_findings_make_a_page_that_says_what_it_leaves_out() {
    let findings: Vec<_> = samples::findings().into_iter().cycle().take(5_001).collect();
    let page = rendered(Format::Html, &findings, &Options::default());
    assert!(page.contains("Details are given for the 1,000 findings to look at first. All 5,001"));
    assert!(page.contains("The table has the 5,000 findings to look at first. All 5,001"));
    assert_eq!(page.matches("<details class=\"finding ").count(), crate::DETAIL_LIMIT);
    assert!(page.len() < 20_000_000, "{}", page.len());
}

#[test]
fn long_texts_are_cut_for_people() {
    let findings = [samples::hostile_with(&"A".repeat(65_536), 0)];
    for format in [Format::Table, Format::Csv, Format::Html] {
        let text = rendered(format, &findings, &Options::default());
        assert!(!text.contains(&"A".repeat(5_000)), "{format}");
    }
    // The values that the page cuts it also cuts in its JSON, and says so.
    assert!(rendered(Format::Html, &findings, &Options::default()).contains("Long values are cut here"));
}

#[test]
fn the_policy_allows_nothing_but_the_two_hashes() {
    let page = rendered(Format::Html, &few(), &Options::default());
    let policy = page.split("content=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert_markup_is_ours(&page);
}

/// The names of all tags that the page may have; none of them can load or run anything.
const TAGS: &str = "html head meta title style body main header section h1 h2 h3 p a b code pre span strong div br wbr \
    ul li dl dt dd table thead tbody tr th td time details summary article figure figcaption svg g desc rect line text \
    script";

/// Walks over all tags and checks that each is one that the renderer writes, with attributes that it writes.
fn assert_markup_is_ours(page: &str) {
    let known: Vec<_> = TAGS.split_whitespace().collect();
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, script) = rest.split_once("<script>").unwrap();
    assert_eq!(script.matches("</script>").count(), 1, "one script, and nothing ends it early");
    for tag in before.split('<').skip(2).chain(body.split('<').skip(1)) {
        let (tag, text) = tag.split_once('>').expect("every tag is closed");
        assert!(!text.contains('>'), "an unescaped > in {text:?}");
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap();
        assert!(known.contains(&name), "tag {name:?}");
        let attributes = outside_of_quotes(tag);
        assert!(!attributes.contains(" on") && !attributes.contains("style="), "attributes {attributes:?}");
        assert!(!attributes.contains("src=") && !attributes.contains('\''), "attributes {attributes:?}");
        if let Some((_, link)) = tag.split_once("href=\"") {
            assert!(link.starts_with('#'), "link {link:?}");
        }
    }
    let hidden = |c: char| crate::escape::is_hidden(c) && c != '\n';
    assert!(!body.contains(hidden), "hidden characters are visible");
}

/// A tag without the values of its attributes.
fn outside_of_quotes(tag: &str) -> String {
    tag.split('"').step_by(2).collect::<Vec<_>>().join("\"")
}

#[test]
fn hostile_texts_stay_text() {
    let findings = samples::hostile();
    assert_markup_is_ours(&rendered(Format::Html, &findings, &Options::default()));
    let table = rendered(Format::Table, &findings, &Options { verbose: 2, ..Options::default() });
    assert!(!table.contains(|c: char| crate::escape::is_hidden(c) && c != '\n'));
}

/// Text that is likely to break a renderer.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[<>\"'&=/ a-z!-]{0,40}",
        proptest::collection::vec(proptest::sample::select(HOSTILE.as_slice()), 0..4).prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_a_renderer(text in nasty(), index in 0usize..12, width in any::<Option<u16>>(), score in any::<f64>()) {
        let mut finding = samples::hostile_with(&text, index);
        finding.severity = score;
        let mut bare = finding.clone();
        for field in [&mut bare.account_id, &mut bare.region, &mut bare.id, &mut bare.arn, &mut bare.finding_type,
            &mut bare.created_at, &mut bare.updated_at, &mut bare.partition] {
            field.clone_from(&text);
        }
        bare.service.event_first_seen.clone_from(&text);
        bare.service.event_last_seen.clone_from(&text);
        bare.service.detector_id.clone_from(&text);
        bare.service.count = i64::MIN;
        bare.service.additional_info.value.clone_from(&text);
        let findings = [finding, bare];
        let mut summary = samples::summary();
        summary.notes.push(text.clone());
        summary.records.insert(text.clone(), u64::MAX);
        summary.defects.insert(text.clone(), u64::MAX);
        summary.defect_examples[0].object.clone_from(&text);
        summary.elapsed_secs = score;
        let options = Options { width, verbose: 2, ..Options::default() };
        for format in Format::ALL {
            let mut out = Vec::new();
            render(format, &findings, &summary, &options, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            match format {
                Format::Html => assert_markup_is_ours(&text),
                Format::Table => prop_assert!(!text.contains(|c: char| crate::escape::is_hidden(c) && c != '\n')),
                _ => {}
            }
        }
        let closing = summary_text(&summary, &options);
        prop_assert!(!closing.contains(|c: char| crate::escape::is_hidden(c) && c != '\n'));
        crate::eventbridge_event(&findings[1], picquet_model::EventTime::MIN);
    }
}
