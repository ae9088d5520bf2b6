//! Renders about forty findings in one format: `cargo run -p picquet-report --example sample -- html`.
//!
//! `hostile` as the second argument adds findings whose texts attack the renderer, `many` makes 5,000.

#[path = "../tests/support/samples.rs"]
mod samples;

use picquet_report::{Format, Options, render};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let format: Format = arguments.next().unwrap_or_else(|| "html".into()).parse()?;
    let (mut findings, mut options, mut summary) = (samples::findings(), Options::default(), samples::summary());
    for argument in arguments {
        match argument.as_str() {
            "hostile" => findings.extend(samples::hostile()),
            "many" => findings = findings.iter().cycle().take(5_000).cloned().collect(),
            "none" => findings.clear(),
            "color" => options.color = true,
            "verbose" => options.verbose = 1,
            version if version.starts_with("1.") => options.ocsf_version = version.parse()?,
            "closing" => {
                summary.findings_hidden = 0;
                eprint!("{}", picquet_report::summary_text(&summary, &options));
            }
            width => options.width = Some(width.parse()?),
        }
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    render(format, &samples::sorted(findings), &summary, &options, &mut out)?;
    Ok(out.flush()?)
}
