//! ROC and precision-recall curves over random-looking families, and their drawing.

use super::corpus::{Corpus, Nature};
use super::names::Scores;
use std::fmt::Write;

/// Points (false-positive rate, mean recall of the families) by falling limit.
pub fn roc(corpus: &Corpus, scores: &Scores) -> Vec<(f64, f64)> {
    let mut benign: Vec<f32> = scores.benign.iter().flatten().copied().collect();
    benign.sort_unstable_by(|a, b| b.total_cmp(a));
    let families: Vec<Vec<f32>> = corpus
        .families
        .iter()
        .zip(&scores.families)
        .filter(|(f, _)| f.nature == Nature::Random)
        .map(|(_, s)| {
            let mut s = s.clone();
            s.sort_unstable_by(|a, b| b.total_cmp(a));
            s
        })
        .collect();
    let mut points = Vec::new();
    // Evenly spread on the logarithmic axis.
    for step in 0..=120 {
        let rate = 10f64.powf(-4.0 + 4.0 * f64::from(step) / 120.0);
        let at = ((rate * benign.len() as f64) as usize).min(benign.len() - 1);
        let share = |s: &Vec<f32>| s.partition_point(|&x| x > benign[at]) as f64 / s.len() as f64;
        points.push((rate, families.iter().map(share).sum::<f64>() / families.len() as f64));
    }
    points
}

/// The area under a ROC curve of [`roc`], the part left of its first point taken as a rectangle.
pub fn area(points: &[(f64, f64)]) -> f64 {
    let first = points.first().map_or(0.0, |p| p.0 * p.1);
    first + points.windows(2).map(|w| (w[1].0 - w[0].0) * (w[0].1 + w[1].1) / 2.0).sum::<f64>()
}

/// Points (recall, precision) where one name in a hundred is generated.
pub fn precision(roc: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let at = |&(fpr, tpr): &(f64, f64)| (tpr, tpr / (tpr + 99.0 * fpr).max(1e-12));
    roc.iter().map(at).collect()
}

/// A curve with its name.
pub type Curve<'a> = (&'a str, Vec<(f64, f64)>);

/// Draws curves; the horizontal axis is logarithmic from 1e-4 or linear, both axes end at one.
pub fn draw(title: &str, axes: (&str, &str), logarithmic: bool, curves: &[Curve<'_>]) -> String {
    let x = |v: f64| 60.0 + 520.0 * if logarithmic { (v.max(1e-4).log10() + 4.0) / 4.0 } else { v };
    let y = |v: f64| 380.0 - 340.0 * v;
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 620 440\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"620\" height=\"440\" fill=\"#fff\"/>\n",
    );
    let mut line = |text: String| svg.push_str(&(text + "\n"));
    line(format!("<text x=\"320\" y=\"22\" text-anchor=\"middle\" font-size=\"14\">{title}</text>"));
    for tick in 0..=4 {
        let part = f64::from(tick) / 4.0;
        let (label, at) = if logarithmic {
            (format!("1e-{}", 4 - tick), x(10f64.powi(tick - 4)))
        } else {
            (format!("{part:.2}"), x(part))
        };
        line(format!("<path d=\"M{at:.1} 40V380M60 {0:.1}H580\" stroke=\"#ddd\"/>", y(part)));
        line(format!("<text x=\"{at:.1}\" y=\"396\" text-anchor=\"middle\">{label}</text>"));
        line(format!("<text x=\"54\" y=\"{:.1}\" text-anchor=\"end\">{part:.2}</text>", y(part) + 4.0));
    }
    line(format!("<text x=\"320\" y=\"420\" text-anchor=\"middle\">{}</text>", axes.0));
    line(format!("<text transform=\"translate(18 210) rotate(-90)\" text-anchor=\"middle\">{}</text>", axes.1));
    for (n, ((name, points), colour)) in curves.iter().zip(["#0b5cad", "#b45309"]).enumerate() {
        let mut path = String::new();
        for (i, p) in points.iter().enumerate() {
            let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { "M" } else { "L" }, x(p.0), y(p.1));
        }
        line(format!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
        let at = 60 + 18 * n;
        line(format!("<path d=\"M400 {at}h24\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
        line(format!("<text x=\"430\" y=\"{}\">{name}</text>", at + 4));
    }
    svg + "</svg>\n"
}
