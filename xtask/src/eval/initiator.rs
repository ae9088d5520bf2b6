//! Who opened a connection: how often it is told rightly, of connections that the testkit makes and of captures.

use super::score::Score;
use super::table;
use crate::gz;
use anyhow::Result;
use picquet_testkit::initiator::{Figures, captured, measure};
use std::path::Path;

const CONNECTIONS: usize = 100_000;
const WITH_FLAGS: f64 = 0.99;
const WITHOUT: f64 = 0.95;

/// Runs everything.
pub fn run(data: &Path, score: &mut Score) -> Result<()> {
    println!("\nwho opened a connection, rows shuffled");
    for (version, bar) in [(5, WITH_FLAGS), (2, WITHOUT)] {
        for window in [60, 600] {
            // Some connections are dropped where both sides turn out to be one.
            let figures = measure(41, CONNECTIONS + CONNECTIONS / 50, version, window);
            let run = format!("v{version}, windows of {window} s");
            print(&run, &figures, bar);
            score.bar(figures.right() >= bar && figures.connections() >= CONNECTIONS as u64, || {
                format!("who opened a connection, {run}: {figures}")
            });
        }
    }
    let mut all = Figures::default();
    for row in table::read(&data.join("flow/scenarios.tsv"))? {
        let path = data.join(format!("flow/{}.log.gz", row.get("scenario")));
        let figures = captured(&gz::file(&path)?, 43);
        print(row.get("scenario"), &figures, WITHOUT);
        for (sum, one) in all.by_certainty.iter_mut().zip(figures.by_certainty) {
            *sum = (sum.0 + one.0, sum.1 + one.1);
        }
    }
    print("all captures", &all, WITHOUT);
    score.bar(all.right() >= WITHOUT, || format!("who opened a connection, captures: {all}"));
    Ok(())
}

fn print(run: &str, figures: &Figures, bar: f64) {
    println!("  {run:<40} {figures} (bar {:.0} %)", bar * 100.0);
}
