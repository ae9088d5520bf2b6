//! Names of the model as names of Rust.

/// `IpSetId` as `ip_set_id`, `S3BucketDetails` as `s3_bucket_details`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = kind(name).chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let after_small = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
        let word_begins = i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_small || word_begins) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    match out.as_str() {
        "type" => "kind".into(),
        "match" | "ref" | "use" | "mod" | "in" => out + "_",
        _ => out,
    }
}

/// `FIFTEEN_MINUTES` as `FifteenMinutes`; values that have small letters keep them.
pub fn variant(value: &str) -> String {
    let shouting = !value.chars().any(char::is_lowercase);
    let mut out = String::new();
    for word in value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        let (first, rest) = word.split_at(1);
        out += &first.to_uppercase();
        out += &if shouting { rest.to_lowercase() } else { rest.to_owned() };
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("V{out}") } else { out }
}

/// A shape's name as a type's: `__double` never gets here, `IPSetStatus` is `IpSetStatus`.
pub fn kind(shape: &str) -> String {
    shape.replace("IPSet", "IpSet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_words() {
        for (model, rust) in [
            ("IpSetId", "ip_set_id"),
            ("S3BucketDetails", "s3_bucket_details"),
            ("ListIPSets", "list_ip_sets"),
            ("Ipv6Addresses", "ipv6_addresses"),
            ("CreateIPSet", "create_ip_set"),
            ("Type", "kind"),
            ("GetRemainingFreeTrialDays", "get_remaining_free_trial_days"),
        ] {
            assert_eq!(snake(model), rust);
        }
    }

    #[test]
    fn values_are_read_as_words() {
        for (model, rust) in [
            ("FIFTEEN_MINUTES", "FifteenMinutes"),
            ("Resource Development", "ResourceDevelopment"),
            ("NOOP", "Noop"),
            ("S3_DATA_EVENTS", "S3DataEvents"),
            ("EqualTo", "EqualTo"),
        ] {
            assert_eq!(variant(model), rust);
        }
    }
}
