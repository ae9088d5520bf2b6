//! Arbitrary bytes as the JSON of the EC2 describe calls, and as AWS's ip-ranges.json.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picquet_detect::{learn, reduce::FactMap};

fuzz_target!(|data: &[u8]| {
    let mut facts = FactMap::new(0);
    let _ = learn::from_describe(data, |_| Some("us-east-1".to_owned()), &mut facts);
    let _ = facts.take_sorted();
    if let Ok(ranges) = picquet_intel::AwsRanges::from_ip_ranges_json(data) {
        let _ = ranges.lookup([3, 80, 0, 1].into());
    }
});
