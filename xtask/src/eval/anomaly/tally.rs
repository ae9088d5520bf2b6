//! The table: what share of the cases of each sort the model and the rivals found.

use super::cast::Case;
use super::hits::Hit;
use super::log::Log;
use super::recording::Recording;
use super::rivals::{NAMES, Verdict};
use std::collections::BTreeMap;

/// What everybody said of a case.
pub struct Outcome<'a> {
    /// The case.
    pub case: &'a Case,
    /// The model.
    pub hit: Hit,
    /// The rivals.
    pub rivals: Verdict,
}

/// Cases of a sort, and how many of them each column found: tactic fits, any tactic, the rivals.
#[derive(Clone, Copy, Default)]
pub struct Row {
    /// Cases.
    pub cases: u32,
    /// Found, by column.
    pub found: [u32; 5],
}

impl Row {
    fn add(&mut self, outcome: &Outcome<'_>) {
        self.cases += 1;
        let columns = [outcome.hit.fits, outcome.hit.any].into_iter().chain(outcome.rivals);
        self.found.iter_mut().zip(columns).for_each(|(count, found)| *count += u32::from(found));
    }

    /// A column's share.
    pub fn share(&self, column: usize) -> f64 {
        f64::from(self.found[column]) / f64::from(self.cases.max(1))
    }
}

/// All cases of a mode.
pub fn total(outcomes: &[Outcome<'_>], easy: bool) -> Row {
    let mut row = Row::default();
    outcomes.iter().filter(|o| o.case.easy == easy).for_each(|o| row.add(o));
    row
}

/// Prints the table.
pub fn print(outcomes: &[Outcome<'_>], recordings: &[Recording], log: &Log) {
    let mut rows = BTreeMap::<(u8, String), [Row; 2]>::new();
    for outcome in outcomes {
        let case = outcome.case;
        let role = log.principals[case.victim as usize].is_role;
        let sorts = [
            (0, recordings[case.technique].technique.clone()),
            (1, if role { "victim is a role" } else { "victim is a user" }.into()),
            (2, if case.peers { "others use the same interfaces" } else { "others do not" }.into()),
            (3, if case.known { "the victim used one of them before" } else { "the victim did not" }.into()),
            (4, "all".into()),
        ];
        for sort in sorts {
            rows.entry(sort).or_default()[usize::from(!case.easy)].add(outcome);
        }
    }
    let columns = || {
        let names = ["n", "fits", "any"].into_iter().chain(NAMES);
        names.map(|name| format!("{name:>11}")).collect::<String>()
    };
    println!("\n{:<51}{:>66} | {:>66}", "found, in percent", "easy", "hard");
    println!("{:<51}{} | {}", "", columns(), columns());
    for ((_, name), modes) in rows {
        let text = |row: &Row| {
            let shares = (0..5).map(|n| format!("{:>11.1}", 100.0 * row.share(n))).collect::<String>();
            format!("{:>11}{shares}", row.cases)
        };
        println!("{name:<51}{} | {}", text(&modes[0]), text(&modes[1]));
    }
}

/// All cases as a table for reading elsewhere.
pub fn tsv(outcomes: &[Outcome<'_>], recordings: &[Recording], log: &Log) -> String {
    let mut text = format!("technique\tmode\tvictim\tat\tpeers\tknown\tfits\tany\t{}\ttypes\n", NAMES.join("\t"));
    for Outcome { case, hit, rivals } in outcomes {
        let types = hit.types.iter().cloned().collect::<Vec<_>>().join(",");
        let columns = [
            recordings[case.technique].technique.clone(),
            if case.easy { "easy" } else { "hard" }.into(),
            log.principals[case.victim as usize].arn.clone(),
            case.at.to_string(),
        ];
        let flags = [case.peers, case.known, hit.fits, hit.any].into_iter().chain(*rivals);
        let flags: Vec<_> = flags.map(|flag| u8::from(flag).to_string()).collect();
        text += &format!("{}\t{}\t{types}\n", columns.join("\t"), flags.join("\t"));
    }
    text
}
