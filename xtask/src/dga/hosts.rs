//! How hosts are told apart: infected ones with names of a family that the model never saw, and benign ones whose names
//! that do not exist come from domains that it never saw.

use super::calibrate;
use super::corpus::{Benign, Corpus, Family, Nature};
use super::noise::typo;
use picquet_detect::dga::{Evidence, JUDGED, Model, Scored, Verdict, Window, judge, weigh};
use picquet_detect::dns::name::domain_hash;
use picquet_detect::tuning::GeneratedDomains;
use picquet_testkit::Random;
use std::collections::BTreeMap;

/// Names of an infected host by which a family has to be found.
pub fn budget(nature: Nature) -> usize {
    match nature {
        Nature::Random => 10,
        Nature::Words => 50,
    }
}

/// Simulated infected hosts of each family.
const HOSTS: usize = 200;
/// What is added to seeds of hosts that calibrate: others than those that are reported.
const CALIBRATION: u64 = 1 << 32;

/// What a host asked for in a time.
#[derive(Clone, Default)]
pub struct Asked {
    /// Registered domains that do not exist with their logits, by the hash that facts sample by.
    missing: BTreeMap<u64, (String, i32)>,
    /// The names as they were asked for.
    pub names: Vec<String>,
    /// How many registered domains exist.
    pub existing: u64,
}

impl Asked {
    /// A name that does not exist.
    pub fn missing(&mut self, model: &Model, name: &str) {
        self.names.push(name.to_owned());
        if let Ok(score) = model.score(name) {
            let domain = score.target.registrable;
            self.missing.entry(domain_hash(domain)).or_insert_with(|| (domain.to_owned(), score.logit));
        }
    }

    /// Distinct registered domains that do not exist.
    pub fn len(&self) -> usize {
        self.missing.len()
    }

    fn add(&mut self, other: &Self) {
        self.missing.extend(other.missing.iter().map(|(h, m)| (*h, m.clone())));
        self.existing += other.existing;
    }

    fn window(&self) -> Window {
        Window { missing: self.missing.len() as u64, existing: self.existing }
    }

    fn scored(&self) -> Vec<Scored<'_>> {
        self.missing.values().take(JUDGED).map(|(name, logit)| Scored { name, logit: *logit }).collect()
    }

    /// What the detector says.
    pub fn judge(&self, model: &Model, tuning: &GeneratedDomains) -> Option<Verdict> {
        judge(model, &self.scored(), self.window(), tuning)
    }

    fn weigh(&self, model: &Model, tuning: &GeneratedDomains) -> Evidence {
        weigh(model, &self.scored(), self.window(), tuning)
    }
}

/// Makes a benign host-day, hour by hour, and says what host it is.
pub fn day(model: &Model, pool: &[&Benign], rng: &mut Random) -> (Vec<Asked>, &'static str) {
    let (kind, missing, per) = match rng.below(100) {
        0..=69 => ("server", skewed(rng, 4.0), 10),
        70..=89 => ("desktop", skewed(rng, 25.0), 12),
        90..=95 => ("mail server", skewed(rng, 90.0), 5),
        _ => ("crawler", skewed(rng, 200.0), 4),
    };
    let missing = missing.min(600);
    let favourite = *rng.pick(pool);
    let mut hours: Vec<Asked> = vec![Asked::default(); 24];
    for hour in &mut hours {
        hour.existing = rng.below(15) as u64;
    }
    // Work comes in a few hours.
    let busy: Vec<usize> = (0..rng.range(1, 8)).map(|_| rng.below(24)).collect();
    for _ in 0..missing {
        let hour = &mut hours[*rng.pick(&busy)];
        hour.existing += rng.below(2 * per + 1) as u64;
        hour.missing(model, &missing_name(pool, favourite, rng));
    }
    (hours, kind)
}

/// A number with a long tail and this median, nearly.
fn skewed(rng: &mut Random, median: f64) -> usize {
    (median * (rng.normal() * 0.9).exp()) as usize
}

/// A name that a benign host asks for and that does not exist.
fn missing_name(pool: &[&Benign], favourite: &Benign, rng: &mut Random) -> String {
    let of = *rng.pick(pool);
    let name = &of.name;
    match rng.below(100) {
        // Mistyped, of any domain or of the one that the host uses most.
        0..=29 => format!("{}.{}", typo(&name.label, rng), name.suffix),
        30..=33 => format!("{}.{}", typo(&favourite.name.label, rng), favourite.name.suffix),
        // Gone: the name itself, or a host of it.
        34..=69 => of.full.clone(),
        // Under another top-level domain.
        70..=79 => format!("{}.{}", name.label, rng.pick(&["com", "net", "org", "info", "co", "io", "ru", "de"])),
        // A search suffix behind a whole name.
        80..=87 => format!("{}.{}", of.full, favourite.name.registrable),
        88..=91 => format!("{}.corp.internal", of.full),
        // Telemetry: an identifier below a registered domain.
        92..=96 => format!("{:016x}.t.{}", rng.number(), name.registrable),
        // Two domains' parts in one name.
        _ => format!("{}{}.{}", name.label, rng.pick(pool).name.label, name.suffix).chars().take(60).collect(),
    }
}

/// What became of simulated benign days.
#[derive(Clone, Debug, Default)]
pub struct Benignity {
    /// Days.
    pub days: usize,
    /// Days on which a host was called infected, with what was said of it.
    pub alarms: Vec<(&'static str, Verdict)>,
    /// The same if none of the domains that exist were known of: nothing is allowed, and all names are missing.
    pub alone: usize,
    /// The largest evidence of each day with enough names for a finding, random and words.
    pub largest: [Vec<f32>; 2],
}

impl Benignity {
    /// How rare evidence is on benign days, for each pattern (see [`calibrate::tail`]).
    pub fn tails(&self) -> [(f32, f32); 2] {
        [0, 1].map(|i| calibrate::tail(&self.largest[i], self.days))
    }
}

/// Simulates benign host-days, each with names of the part that its model was trained without. Each hour and each
/// whole day is judged. Days that calibrate are others than those that are reported.
pub fn benign(
    corpus: &Corpus,
    models: &[(usize, &Model)],
    days: usize,
    calibrates: bool,
    tuning: &GeneratedDomains,
) -> Benignity {
    let mut all = Benignity::default();
    for &(fold, model) in models {
        let pool: Vec<&Benign> = corpus.benign.iter().filter(|b| b.fold == fold).collect();
        let mut rng = Random(4242 + fold as u64 + if calibrates { CALIBRATION } else { 0 });
        for _ in 0..days.div_ceil(models.len()) {
            let (hours, kind) = day(model, &pool, &mut rng);
            let mut whole = Asked::default();
            hours.iter().for_each(|h| whole.add(h));
            let spans: Vec<&Asked> = hours.iter().chain([&whole]).filter(|a| a.len() > 0).collect();
            all.days += 1;
            all.alarms.extend(spans.iter().find_map(|a| a.judge(model, tuning)).map(|v| (kind, v)));
            let alone = |a: &&&Asked| {
                let alone = Asked { existing: 0, ..(**a).clone() };
                alone.judge(model, tuning).is_some()
            };
            all.alone += usize::from(spans.iter().any(|a| alone(&a)));
            let weighed: Vec<(usize, Evidence)> = spans.iter().map(|a| (a.len(), a.weigh(model, tuning))).collect();
            for (i, (least, of)) in [
                (tuning.min_names, (|e: &Evidence| e.random) as fn(&Evidence) -> f64),
                (tuning.words_min_names, |e: &Evidence| e.words),
            ]
            .into_iter()
            .enumerate()
            {
                let enough = weighed.iter().filter(|(n, e)| *n as u64 >= least + e.allowed);
                all.largest[i].extend(enough.map(|(_, e)| of(e) as f32).reduce(f32::max));
            }
        }
    }
    all
}

/// A simulated hour of an infected host: so many names of the family, beside a benign hour.
pub fn infected(family: &Family, names: usize, pool: &[&Benign], model: &Model, rng: &mut Random) -> Asked {
    let mut hour = Asked { existing: rng.below(30) as u64, ..Asked::default() };
    let mut own: Vec<&str> = family.names.iter().map(|n| n.registrable.as_str()).collect();
    rng.shuffle(&mut own);
    own.iter().take(names).for_each(|name| hour.missing(model, name));
    let favourite = *rng.pick(pool);
    for _ in 0..rng.below(4) {
        hour.missing(model, &missing_name(pool, favourite, rng));
    }
    hour
}

/// The share of simulated infected hosts of one family that is found with as many names as its group has.
pub fn found(family: &Family, corpus: &Corpus, fold: usize, model: &Model, tuning: &GeneratedDomains) -> f64 {
    let pool: Vec<&Benign> = corpus.benign.iter().filter(|b| b.fold == fold).collect();
    let names = budget(family.nature);
    let mut rng = Random(777 + names as u64);
    let one = |_| infected(family, names, &pool, model, &mut rng).judge(model, tuning).is_some();
    let found = (0..HOSTS).map(one).filter(|found| *found).count();
    found as f64 / HOSTS as f64
}
