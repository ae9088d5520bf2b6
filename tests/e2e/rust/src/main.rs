//! The main story through the Rust SDK, configured by the environment alone. Prints what it saw as JSON.
//! This SDK has no variable for an authority of one's own: it trusts those of the machine, or of `SSL_CERT_FILE`.

use aws_config::BehaviorVersion;
use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_guardduty::types::{
    Condition, Feedback, FilterAction, FindingCriteria, GroupByType, OrderBy, SortCriteria, ThreatIntelSetFormat,
    ThreatIntelSetStatus,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use serde_json::json;
use std::error::Error;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match story().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", DisplayErrorContext(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn story() -> Outcome<()> {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let client = Client::new(&config);

    let made = client.create_detector().enable(true).tags("team", "red").send().await?;
    let detector = made.detector_id().ok_or("no detector id")?;
    let list = use_list(&client, detector).await?;
    let low = criteria("severity", Condition::builder().less_than(4).build());
    let filter = client.create_filter().detector_id(detector).name("low").action(FilterAction::Archive);
    filter.finding_criteria(low).send().await?;
    let mut scan = Command::new("/bin/sh");
    let done = scan.arg("-c").arg(std::env::var("SCAN")?).stdout(Stdio::null()).status()?;
    if !done.success() {
        return Err(format!("the scan ended with {done}").into());
    }

    let current = findings(&client, detector, "false").await?;
    let suppressed = findings(&client, detector, "true").await?.len();
    let first = current.first().ok_or("no current finding")?;
    let got = client.get_findings().detector_id(detector).finding_ids(first).send().await?;
    let finding = got.findings().first().ok_or("no finding")?;
    client.archive_findings().detector_id(detector).finding_ids(first).send().await?;
    let useful = client.update_findings_feedback().detector_id(detector).feedback(Feedback::Useful);
    useful.finding_ids(first).send().await?;
    let after_archive = findings(&client, detector, "false").await?.len();
    let by_date = client.get_findings_statistics().detector_id(detector).group_by(GroupByType::Date).send().await?;
    let groups = by_date.finding_statistics().ok_or("no statistics")?.grouped_by_date();

    let arn = format!("arn:aws:guardduty:us-east-1:{}:detector/{detector}", std::env::var("ACCOUNT")?);
    client.tag_resource().resource_arn(&arn).tags("a.b", "c d").send().await?;
    client.untag_resource().resource_arn(&arn).tag_keys("team").send().await?;
    let tags = client.list_tags_for_resource().resource_arn(&arn).send().await?;
    client.delete_detector().detector_id(detector).send().await?;
    let gone = client.get_detector().detector_id(detector).send().await.err().ok_or("the detector is still there")?;
    let status = gone.raw_response().map(|answer| answer.status().as_u16());
    let typed = gone.into_service_error();
    let left = client.list_detectors().send().await?;

    let seen = json!({
        "list": list.as_str(),
        "severity": finding.severity(),
        "updatedAt": finding.updated_at(),
        "current": current.len(),
        "suppressed": suppressed,
        "afterArchive": after_archive,
        "days": groups.iter().filter_map(|group| group.date()).map(|date| date.secs()).collect::<Vec<_>>(),
        "total": groups.iter().filter_map(|group| group.total_findings()).sum::<i32>(),
        "tags": tags.tags(),
        "error": {
            "name": typed.code(), "status": status, "message": typed.message(), "typed": typed.is_bad_request_exception(),
        },
        "left": left.detector_ids(),
    });
    println!("{seen}");
    Ok(())
}

/// Gives the detector a threat list and waits until it is in use.
async fn use_list(client: &Client, detector: &str) -> Outcome<ThreatIntelSetStatus> {
    let set = client.create_threat_intel_set().detector_id(detector).name("bad").format(ThreatIntelSetFormat::Txt);
    let made = set.location(std::env::var("Location")?).activate(true).send().await?;
    let id = made.threat_intel_set_id().ok_or("no id of the list")?;
    loop {
        let got = client.get_threat_intel_set().detector_id(detector).threat_intel_set_id(id).send().await?;
        match got.status().ok_or("no status of the list")? {
            ThreatIntelSetStatus::Activating => tokio::time::sleep(Duration::from_millis(50)).await,
            status => return Ok(status.clone()),
        }
    }
}

/// Findings that are archived or not, the most severe first, by pages of five.
async fn findings(client: &Client, detector: &str, archived: &str) -> Outcome<Vec<String>> {
    let rule = criteria("service.archived", Condition::builder().equals(archived).build());
    let sort = SortCriteria::builder().attribute_name("severity").order_by(OrderBy::Desc).build();
    let list = client.list_findings().detector_id(detector).finding_criteria(rule).sort_criteria(sort);
    let mut pages = list.into_paginator().page_size(5).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page?.finding_ids().iter().cloned());
    }
    Ok(all)
}

fn criteria(attribute: &str, condition: Condition) -> FindingCriteria {
    FindingCriteria::builder().criterion(attribute, condition).build()
}
