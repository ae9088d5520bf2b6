//! How generated a registered domain looks: one number, by which the detectors of this crate weigh a name.
//!
//! This is the one place that says so; a better scorer replaces the body of [`milli_logit`]. The present one compares
//! pairs of characters: how much likelier each is in names of domain-generating malware than in popular names.

/// Eight times the natural logarithm of the ratio for each pair, plus 64, as a character. Rows are the first
/// character, columns the second: a to z, any digit, the hyphen, and the edge of the label. Counted over public
/// lists of popular domains (public domain and CC0) and names of 11 families of malware.
const RATIOS: [&[u8; 29]; 29] = [
    br##"?7?5K@IH<ID453K6\1G9EGIH=A^&A"##,
    br##"29?H3RAJ3IM3EG8WX=7I>_MJHP[)?"##,
    br##"8?7<9LF2?O7;NA1D[=<<HXNXRO[&C"##,
    br##"7=>B4I7I7JKDF::FY@:GHGFVNIX&>"##,
    br##"EA>;7AJEDNL<@6EAZ0::JEDDEK]!9"##,
    br##"8@?A88IN3SG;EH1EW7DHDVLNKRW'F"##,
    br##"><9=4A89;WL<I<@FY6<EAPHZLMX$;"##,
    br##"1@AC1IKH8PWJIF4JTCH@@TMUJRW*?"##,
    br##"4D776D?NKVF89<@COC<9MBTFKG_%B"##,
    br##"9>@>1C]B7DPRGM3CQH;C7QDGHLT#A"##,
    br##"7B4F5GAA7LD=JDEA_B8C@TENFST!9"##,
    br##"0D>:0EDP0TG5EN2F[P?A@PYTJ^Y$E"##,
    br##")<EH*KEM5WSF?N::\N@BFXPRCWX%A"##,
    br##"/B361D5D:ODAFDAN^SE8JMKMJNU%;"##,
    br##"L<;:JL9LCM@==69=^>:;;D?ELP_#>"##,
    br##"1B;B2JH;7[N7HK7;^9AAJRMOKUR$="##,
    br##";?A?JWGE=\T>HIGG?DFB,CEAL:O!="##,
    br##"0@@>>HGP7TCDB@:M_F>:D@PVFLS'="##,
    br##";F:@7BL8<QGGIDG=VF<2BOD\QKX!7"##,
    br##"0DDK4KO<8VTGGJ;K_8<>?FBTEOZ";"##,
    br##"60C7:LNQ9UN;>5L>Y676ONUHBGY-D"##,
    br##"5OLP.RMO.WTOIGHIXDEKHLQWPKF'B"##,
    br##"6LEA6HFBBJRKM@8?VB1CLKAFKHW(A"##,
    br##"8H;C@@HD7JVAHDH8JCB9EDL=HG@!:"##,
    br##"/>ED2DJF<LNCC><@YDC==NDWBEQ!/"##,
    br##"1@CJ5JGF2SOGFA6KOEIL?L?PB7N-="##,
    br##"EHC>KFGFJONIGBO@Z>?<HKIDMG>!8"##,
    br##":=8;@@@B=IG@:CC=Z@6<LGEVSL>__"##,
    br##"8579A9D;AAJC<;D@R<86DGFGFDOLL"##,
];

const DIGIT: usize = 26;
const HYPHEN: usize = 27;
const EDGE: usize = 28;

/// The log-odds, in thousandths, that the label left of the public suffix was made up by an algorithm. Labels with
/// other characters than letters, digits and hyphens, and internationalised ones, say nothing: they get the
/// lowest odds.
pub fn milli_logit(registrable: &str) -> i32 {
    const NOTHING: i32 = -8_000;
    let label = registrable.split('.').next().unwrap_or_default().as_bytes();
    if label.len() < 5 || label.starts_with(b"xn--") {
        return NOTHING;
    }
    let (mut sum, mut digits, mut before) = (0i32, 0usize, EDGE);
    for byte in label {
        let symbol = match byte {
            b'a'..=b'z' => usize::from(byte - b'a'),
            b'0'..=b'9' => DIGIT,
            b'-' => HYPHEN,
            _ => return NOTHING,
        };
        digits += usize::from(symbol == DIGIT);
        sum += ratio(before, symbol);
        before = symbol;
    }
    sum += ratio(before, EDGE);
    // Weights of a logistic regression on the same names.
    let (sum, length) = (f64::from(sum) / 8.0, label.len() as f64);
    let logit = -3.571 + 1.279 * sum / length.sqrt() + 0.2885 * sum + 0.3513 * length - 0.455 * digits as f64 / length;
    (logit * 1000.0).round().clamp(-20_000.0, 20_000.0) as i32
}

fn ratio(first: usize, second: usize) -> i32 {
    RATIOS.get(first).and_then(|row| row.get(second)).map_or(0, |&c| i32::from(c) - 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_score_higher() {
        for generated in ["qwzkxjvbnt.com", "sdkfjhskdf.net", "xjwqkpzvmrtb.info"] {
            assert!(milli_logit(generated) > 3000, "{generated}: {}", milli_logit(generated));
        }
        for chosen in
            ["google.com", "wikipedia.org", "rivervalley.com", "gogle.com", "xn--bcher-kva.example", "bbc.co.uk"]
        {
            assert!(milli_logit(chosen) < -1000, "{chosen}: {}", milli_logit(chosen));
        }
    }
}
