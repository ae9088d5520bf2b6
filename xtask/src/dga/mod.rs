//! `cargo xtask train dga` and `cargo xtask eval --only dga`.

mod boost;
mod calibrate;
mod captures;
mod card;
pub mod corpus;
mod curves;
mod hosts;
mod linear;
mod logs;
mod names;
mod noise;
mod train;

use crate::args::{Args, root};
use crate::scanner::Scanner;
use anyhow::{Context, Result, anyhow};
use captures::Capture;
use corpus::{Corpus, FOLDS, Nature};
use hosts::Benignity;
use linear::sigmoid;
use names::{Scores, macro_mean};
use picquet_detect::dga::Model;
use picquet_detect::dga::text::Text;
use picquet_detect::tuning::GeneratedDomains;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use train::Without;

/// Simulated benign host-days.
const DAYS: usize = 30_000;
/// The share of a family's hosts from which on the family counts as found.
const FOUND: f64 = 0.9;
/// The part of the benign names that the model that ships does not learn from.
pub const HELD_OUT: usize = 0;

/// What was measured of models that were trained without what they are measured on.
pub struct Measured {
    /// Recall by family at one false positive in 1,000 and in 100.
    ours: [Vec<f64>; 2],
    /// The same of the plain baseline.
    plain: [Vec<f64>; 2],
    /// Recall at one in 1,000 of popular names alone, ours and plain.
    popular: [Vec<f64>; 2],
    /// Areas under the ROC curves, ours and plain.
    area: (f64, f64),
    /// The share of infected hosts found, by family.
    hosts: Vec<f64>,
    /// Simulated benign host-days.
    benign: Benignity,
    /// Recorded logs.
    captures: Vec<Capture>,
    /// Logits from, to, mean probability said, share seen.
    reliability: Vec<(i32, i32, f64, f64)>,
    /// Calibration.
    slope: f32,
    /// Calibration.
    offset: f32,
    /// Calibration of hosts, for random names and for words.
    host_fit: [(f32, f32); 2],
    /// Calibration of single names, and the logits of those that were left out.
    name_fit: (f32, f32),
    left_out: Vec<f32>,
}

impl Measured {
    /// How many families of a group are found, and how many there are.
    fn found(&self, corpus: &Corpus, nature: Nature) -> (usize, usize) {
        let of = corpus.families.iter().zip(&self.hosts).filter(|(f, _)| f.nature == nature);
        (of.clone().filter(|(_, h)| **h >= FOUND).count(), of.count())
    }

    /// The bars in one paragraph.
    fn summary(&self, corpus: &Corpus) -> String {
        let (random, words) = (self.found(corpus, Nature::Random), self.found(corpus, Nature::Words));
        format!(
            "Families found, in {:.0} % of their hosts or more: {} of {} random-looking within 10 names, {} of {} word-list \
             within 50. False hosts: {} in {} host-days. Single names: {:.3} macro against {:.3} plain.",
            FOUND * 100.0,
            random.0,
            random.1,
            words.0,
            words.1,
            self.benign.alarms.len(),
            self.benign.days,
            macro_mean(corpus, &self.ours[0], None),
            macro_mean(corpus, &self.plain[0], None),
        )
    }

    /// Whether every bar is met.
    fn passes(&self, corpus: &Corpus) -> bool {
        let (random, words) = (self.found(corpus, Nature::Random), self.found(corpus, Nature::Words));
        let gain = macro_mean(corpus, &self.ours[0], None) - macro_mean(corpus, &self.plain[0], None);
        random.0 * 100 >= random.1 * 95
            && words.0 * 100 >= words.1 * 70
            && self.benign.alarms.is_empty()
            && self.benign.days >= DAYS
            && self.captures.iter().all(Capture::right)
            && gain >= 0.10
    }
}

/// What `train` makes.
struct Made {
    model: Vec<u8>,
    card: String,
    /// Curves by file name.
    curves: [(&'static str, String); 2],
    passed: bool,
}

/// Trains the models and measures them.
fn make(data: &Path, corpus: &Corpus) -> Result<Made> {
    let tuning = GeneratedDomains::default();
    let folds: Vec<_> = (0..FOLDS).map(|f| Without { benign: f, families: Some(f) }).collect();
    let mut models: Vec<Model> = folds.iter().map(|w| train::train(corpus, *w)).collect();
    let plains: Vec<_> = folds.iter().map(|w| train::plain(corpus, *w)).collect();
    let mut ships = train::train(corpus, Without { benign: HELD_OUT, families: None });

    let ours = Scores::of(corpus, |fold, label| names::raw_score(&models[fold], label));
    let plain = Scores::of(corpus, |fold, label| plains[fold].logit(&Text::new(label)));
    let (slope, offset) = calibrate::names(corpus, &ours);
    for model in models.iter_mut().chain([&mut ships]) {
        (model.slope, model.offset) = (slope, offset);
    }
    let pairs: Vec<(usize, &Model)> = models.iter().enumerate().collect();
    let host_fit = hosts::benign(corpus, &pairs, DAYS, true, &tuning).tails();
    ships.hosts = host_fit;
    let left_out: Vec<f32> = ours.benign.iter().flatten().map(|raw| slope * raw + offset).collect();
    ships.names = calibrate::tail(&left_out, left_out.len());
    let host = |f: &corpus::Family| hosts::found(f, corpus, f.fold, &models[f.fold], &tuning);
    let (roc, plain_roc) = (curves::roc(corpus, &ours), curves::roc(corpus, &plain));
    let measured = Measured {
        ours: [1e-3, 1e-2].map(|rate| ours.recall(corpus, rate)),
        plain: [1e-3, 1e-2].map(|rate| plain.recall(corpus, rate)),
        popular: [&ours, &plain].map(|scores| scores.popular(corpus).recall(corpus, 1e-3)),
        area: (curves::area(&roc), curves::area(&plain_roc)),
        hosts: corpus.families.iter().map(host).collect(),
        benign: hosts::benign(corpus, &pairs, DAYS, false, &tuning),
        captures: captures::judge_all(data, &ships, &tuning)?,
        reliability: reliability(corpus, &ours, slope, offset),
        slope,
        offset,
        host_fit,
        name_fit: ships.names,
        left_out,
    };
    let draw_two = |title, axes, log, a, b| curves::draw(title, axes, log, &[("Picquet", a), ("plain n-grams", b)]);
    let precision = (curves::precision(&roc), curves::precision(&plain_roc));
    let title = "Random-looking families left out of training";
    let roc = draw_two(title, ("false-positive rate", "recall, macro"), true, roc, plain_roc);
    let title = "The same, one name in a hundred generated";
    let pr = draw_two(title, ("recall, macro", "precision"), false, precision.0, precision.1);
    Ok(Made {
        model: ships.write(),
        card: card::write(corpus, &measured),
        curves: [("dga-roc.svg", roc), ("dga-pr.svg", pr)],
        passed: measured.passes(corpus),
    })
}

/// Writes the artefact, its card and its curves; false when a bar is missed.
pub fn train(mut args: Args) -> Result<bool> {
    let data = args.data()?.context("give --data DIR, the folder of labelled data")?;
    args.end()?;
    let made = make(&data, &Corpus::read(&data)?)?;
    fs::write(artefact(), &made.model)?;
    let folder = root().join(CARDS);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(CARD), &made.card)?;
    for (name, svg) in &made.curves {
        fs::write(folder.join(name), svg)?;
    }
    println!("{}", made.card);
    println!("{}", if made.passed { "no bar missed" } else { "A BAR IS MISSED" });
    Ok(made.passed)
}

/// Where the card and its curves are.
const CARDS: &str = "docs/models";
/// The card.
const CARD: &str = "dga.md";

/// The artefact's file.
fn artefact() -> PathBuf {
    root().join("crates/picquet-detect/data/dga.bin")
}

/// Trains and measures again without what is measured, and holds the result against what is in the repository. Then
/// measures the model that ships: its speed; hosts with names of sources that it was not trained on; and hosts in a log
/// that the program scans.
pub fn check(data: &Path, scanner: &Scanner, work: &Path) -> Result<bool> {
    let path = artefact();
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let model = Model::read(&bytes).map_err(|e| anyhow!("{}: {e}", path.display()))?;
    let corpus = Corpus::read(data)?;
    let made = make(data, &corpus)?;
    println!("{}", made.card);
    for (name, svg) in &made.curves {
        fs::write(work.join(name), svg)?;
    }
    let same = made.model == bytes && made.card == fs::read_to_string(root().join(CARDS).join(CARD))?;
    println!("the model and its card are {} in the repository", if same { "those" } else { "NOT THOSE" });
    println!("curves: {}", work.display());
    println!("\nthe model that ships: {} bytes", bytes.len());
    speed(&model, &corpus);
    for (name, ships) in [("trained sources", true), ("evaluation-only sources", false)] {
        let (mut found, mut all) = ([0.0; 2], [0.0; 2]);
        for family in &corpus.families {
            let mut own = family.clone();
            own.names.retain(|n| n.ships == ships);
            if own.names.len() >= hosts::budget(own.nature) {
                let group = usize::from(own.nature == Nature::Words);
                found[group] += hosts::found(&own, &corpus, HELD_OUT, &model, &GeneratedDomains::default());
                all[group] += 1.0;
            }
        }
        for (group, words) in ["random-looking families, 10 names", "word-list families, 50 names"].iter().enumerate() {
            println!("hosts found, {name}, {words}: {:.3} macro over {}", found[group] / all[group], all[group]);
        }
    }
    let sound = logs::check(&corpus, &model, scanner, work)?;
    Ok(made.passed && same && sound)
}

/// Prints the time that one name takes, split and scored.
fn speed(model: &Model, corpus: &Corpus) {
    let names: Vec<&str> = corpus
        .benign
        .iter()
        .map(|b| b.full.as_str())
        .chain(corpus.families.iter().flat_map(|f| f.names.iter().map(|n| n.registrable.as_str())))
        .collect();
    let mut best = f64::INFINITY;
    let mut sum = 0i64;
    for _ in 0..5 {
        let start = Instant::now();
        sum += names.iter().filter_map(|n| model.score(n).ok()).map(|s| i64::from(s.logit)).sum::<i64>();
        best = best.min(start.elapsed().as_secs_f64() / names.len() as f64);
    }
    println!("time: {:.2} µs a name over {} names (check {sum})", best * 1e6, names.len());
}

/// How often what the model says comes true, by logit.
fn reliability(corpus: &Corpus, scores: &Scores, slope: f32, offset: f32) -> Vec<(i32, i32, f64, f64)> {
    let logit = |(score, generated, weight)| (slope * score + offset, f64::from(u8::from(generated)), weight);
    let points: Vec<(f32, f64, f64)> = calibrate::points(corpus, scores).map(logit).collect();
    let mut rows = Vec::new();
    for (low, high) in [(-9, -4), (-4, -2), (-2, -1), (-1, 0), (0, 1), (1, 2), (2, 4), (4, 9)] {
        let within = points.iter().filter(|p| p.0 >= low as f32 && p.0 < high as f32);
        let (mut weight, mut said, mut seen) = (0.0, 0.0, 0.0);
        for &(z, y, w) in within {
            weight += w;
            said += w * f64::from(sigmoid(z));
            seen += w * y;
        }
        if weight > 0.0 {
            rows.push((low, high, said / weight, seen / weight));
        }
    }
    rows
}
