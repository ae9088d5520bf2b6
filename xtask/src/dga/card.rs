//! The model card.

use super::Measured;
use super::corpus::{Corpus, Family, Nature};
use super::hosts::budget;
use super::names::macro_mean;
use picquet_detect::tuning::GeneratedDomains;
use std::fmt::Write;

const HEAD: &str = "\
# Model card: names that an algorithm made

Written by `cargo xtask train dga --data DIR` together with `crates/picquet-detect/data/dga.bin`; do not edit by hand.
Date of the data and of the training: 2026-11-24.

## What it does

It tells how much likelier a registered label is among names that malware generates than among names that people choose.
One name is weak evidence: Picquet judges a host by all names of an hour, and of a day, that do not exist (`dga::judge`). Not scored are
single labels, `arpa`, names without a public suffix (`.internal`, `.local`, a company's own), customers' names below a
provider's zone (CDN, cloud, hosting; dynamic-DNS zones are scored), and internationalised labels.

## How it does it

Hashed character n-grams (1 to 4, logistic regression), a trigram model of chosen names, the cheapest reading as words,
and counts of the label's characters are 28 measures; 220 boosted symmetric trees of depth five weigh them. The trees
learn from measures of names that the n-grams, the trigram model and the vocabulary had not seen, families apart. The
top-level domain is not looked at. The logit is calibrated on names left out (Platt), generated and chosen names counting
the same, families the same: it is a log likelihood ratio, no probability of infection.

A host is judged by the sum of its names' logits, each clamped, and what likeness of lengths adds; or by names that share
rare parts, that differ in a counter, or that are words from end to end. In a thousand registered domains that resolve,
some that do not exist are allowed for, the likeliest ones first.

## Data

| used for | rows | origin | licence |
| --- | --- | --- | --- |
| training, benign | opendns-* | opendns/public-domain-lists 59bc34f | public domain |
| training, benign | misp-* | MISP/misp-warninglists 84f0610 | CC0 1.0 |
| training, generated | baderj-script | output of the programs of baderj/domain_generation_algorithms 09961a1, run with several seeds and dates; the programs (GPL-2.0) are no part of this | output of a program |
| training, generated | - | 15 generic generators of our own (`xtask/src/dga/noise.rs`) | Apache-2.0 |
| training, words | xtask/data/words.tsv.gz | word and name lists of zxcvbn 3.1.1 | MIT |
| dynamic-DNS zones | intel/dynamic_dns_domains.tsv | stamparm/maltrail 8adace1 | MIT |
| evaluation only | baderj-example | example lists of the same repository | no licence of their own |
| evaluation only | chrmor, chrmor-sld | chrmor/DGA_domains_dataset 9dcc29e | for research; not shipped, not trained on |

Mistyped benign names are trained on as benign with half the weight. Families count the same, up to four times a name.
Word-list families train nothing: a single name of theirs looks like any chosen name.

";

/// The card's text.
pub fn write(corpus: &Corpus, m: &Measured) -> String {
    let mut out = String::from(HEAD);
    let mut put = |line: String| out.push_str(&(line + "\n"));
    put(format!(
        "Registered benign domains: {}. Rows that are not scored: {}.\n",
        corpus.benign.len(),
        corpus.skipped.iter().map(|(k, n)| format!("{k} {n}")).collect::<Vec<_>>().join(", ")
    ));
    put("## Split\n".into());
    put("Benign domains are split into five parts by a hash of the registered domain, families into five by their place in \
         `xtask/data/dga-families.tsv`, which says in advance which group each is in. Model i learns from all but parts i. \
         Every figure below is of names and families that the model had not seen. The model that ships learns from all \
         families and from all benign parts but the first.\n"
        .into());
    put("## Single names, family left out\n".into());
    put(format!(
        "Recall where one held-out benign name in 1,000 is above the limit (the limit of each of the five models on its own \
         held-out part, {} names on average). Plain: logistic regression over the same n-grams on the same split.\n",
        corpus.benign.len() / super::corpus::FOLDS
    ));
    put("| families | Picquet | plain | Picquet at 1 in 100 | plain at 1 in 100 |\n| --- | --- | --- | --- | --- |"
        .into());
    for (name, nature) in [("all", None), ("random-looking", Some(Nature::Random)), ("word-list", Some(Nature::Words))]
    {
        let mean = |of: &[f64]| macro_mean(corpus, of, nature);
        put(format!(
            "| macro, {name} | {:.3} | {:.3} | {:.3} | {:.3} |",
            mean(&m.ours[0]),
            mean(&m.plain[0]),
            mean(&m.ours[1]),
            mean(&m.plain[1])
        ));
    }
    let popular = |of: usize| macro_mean(corpus, &m.popular[of], Some(Nature::Random));
    put(format!(
        "| macro, random-looking, at 1 in 1,000 of popular names ({}) | {:.3} | {:.3} | | |",
        corpus.benign.iter().filter(|b| b.popular).count(),
        popular(0),
        popular(1)
    ));
    put(format!(
        "\nArea under the ROC curve, random-looking families, macro: {:.4} (plain {:.4}). Curves: `dga-roc.svg`, `dga-pr.svg`.\n",
        m.area.0, m.area.1
    ));
    put("The benign lists are what resolvers were asked and hold names of botnets themselves (`wjfbhtvfktdcdxw.ws`, \
         `jykchlbyvr.ws`, `xjgeqznqm.cc`). They were not taken out, so the limit at 1 in 1,000 is higher than it would be on \
         clean lists and recall is lower. Short names (qsnatch, orchard) and pronounceable ones (pitou, pushdo) cannot be told \
         by one name.\n"
        .into());
    put("## Hosts, family left out\n".into());
    put("200 simulated hosts a family ask for 10 names (random-looking) or 50 (word-list) of a family that the model never \
         saw, beside up to three benign names that do not exist and up to 29 domains that do, in one hour.\n"
        .into());
    put("| family | group | names | recall of single names | plain | hosts found |\n| --- | --- | --- | --- | --- | --- |".into());
    for (i, f) in corpus.families.iter().enumerate() {
        put(format!(
            "| {} | {} | {} | {:.3} | {:.3} | {:.3} |",
            f.name,
            group(f),
            f.names.len(),
            m.ours[0][i],
            m.plain[0][i],
            m.hosts[i]
        ));
    }
    put(format!("\n{}\n", m.summary(corpus)));
    let tuning = GeneratedDomains::default();
    let largest = |i: usize| m.benign.largest[i].iter().copied().fold(f32::MIN, f32::max);
    let bars = [tuning.evidence, tuning.words_evidence].map(|bar| bar as f64 / 1000.0);
    put(format!(
        "Benign: {} simulated host-days (70 % servers with a median of 4 names a day that do not exist, 20 % desktops with 25, \
         6 % mail servers with 90, 4 % crawlers with 200; mistyped, gone and moved names, search suffixes, telemetry, names put \
         together), every hour and every whole day judged, names from benign domains that the model never saw: {} false hosts. \
         The largest evidence for random names was {:.2} where {:.1} raises a finding, for words {:.2} where {:.1} does. Were \
         nothing known of the domains that exist, which excuse some that do not, {} host-days would have been false.\n",
        m.benign.days,
        m.benign.alarms.len(),
        largest(0),
        bars[0],
        largest(1),
        bars[1],
        m.benign.alone
    ));
    put("| recorded log | client-hours | most names missing in one | generator | found |\n| --- | --- | --- | --- | --- |".into());
    for c in &m.captures {
        put(format!(
            "| {} | {} | {} | {} | {} |",
            c.name,
            c.hours,
            c.missing,
            yes(c.infected),
            yes(!c.alarms.is_empty())
        ));
    }
    put("\n## Calibration\n\nNames left out of training, random-looking families and benign names of equal weight.\n"
        .into());
    put("| logit | mean probability | share generated |\n| --- | --- | --- |".into());
    for (low, high, said, seen) in &m.reliability {
        put(format!("| {low} to {high} | {said:.3} | {seen:.3} |"));
    }
    put(format!("\nSlope {:.4}, offset {:.4}. They were fitted on the same left-out names.\n", m.slope, m.offset));
    put("### Names\n".into());
    put(format!(
        "How rare a logit is among chosen names: the largest fiftieth of the {} that were left out gives an exponential tail. \
         Names of botnets in the benign lists are among them, so true rarity is higher.\n",
        m.left_out.len()
    ));
    put("| logit | one in | seen, one in |\n| --- | --- | --- |".into());
    for logit in [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] {
        let above = m.left_out.iter().filter(|l| **l >= logit).count();
        let seen = m.left_out.len().checked_div(above).map_or("none".into(), |n| n.to_string());
        put(format!("| {logit} | {:.0} | {seen} |", f64::from(m.name_fit.0 * logit + m.name_fit.1).exp()));
    }
    put("\n### Hosts\n".into());
    put(format!(
        "A host's evidence becomes a probability by how rare it is on benign host-days: the largest fiftieth of {} of them, \
         others than those above, gives an exponential tail. One client-day in {} is taken to have a generator, and a generator \
         to reach any evidence.\n",
        super::DAYS,
        picquet_detect::dga::RARITY
    ));
    put("| pattern | evidence | benign days expected in {} | seen above | probability |\n| --- | --- | --- | --- | --- |"
        .replace("{}", &m.benign.days.to_string()));
    for (i, (pattern, (slope, offset))) in ["random", "words"].iter().zip(m.host_fit).enumerate() {
        for share in [-1.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5] {
            let evidence = share * bars[i];
            let rarity = f64::from(slope) * evidence + f64::from(offset);
            put(format!(
                "| {pattern} | {evidence:.1} | {:.4} | {} | {:.1} % |",
                (-rarity).exp().min(1.0) * m.benign.days as f64,
                m.benign.largest[i].iter().filter(|e| f64::from(**e) >= evidence).count(),
                100.0 / (1.0 + (picquet_detect::dga::RARITY.ln() - rarity).exp())
            ));
        }
    }
    put("\n## Limits\n\n\
         Thresholds and the rule of what counts as a word were chosen by eye on simulations of these families and benign names: \
         other random numbers, the same names, so the figures of hosts are somewhat better than those of families of tomorrow. \
         The benign noise is made up from lists; no recorded NXDOMAIN traffic of many hosts was at hand. `verblecon` has four \
         names in the data, and its hosts ask for those. `qsnatch` (three to five characters), left out, is not found. Dynamic-DNS zones \
         that the Public Suffix List lacks are scored by the model, but the program's facts hold no name below them.\n\n\
         Simulated noise is independent from name to name; a host that keeps asking for names of one maker (mirrors of betting \
         sites, a test that makes up names) may look like a generator where few domains resolve beside them. Botnets whose \
         names exist are not seen at all. Families of few letters stay unseen. Thresholds are settings (`[generated_domains]`).\n"
        .into());
    out.truncate(out.trim_end().len());
    let _ = writeln!(out);
    out
}

fn yes(b: bool) -> &'static str {
    if b { "yes" } else { "no" }
}

fn group(family: &Family) -> String {
    match family.nature {
        Nature::Random => format!("random-looking, {}", budget(Nature::Random)),
        Nature::Words => format!("word-list, {}", budget(Nature::Words)),
    }
}
