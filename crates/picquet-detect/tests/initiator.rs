//! Who opened a connection: held against connections whose initiator is known.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use picquet_testkit::initiator::{Figures, measure};

fn share(version: u8, window: u64) -> Figures {
    let figures = measure(5, 25_000, version, window);
    println!("v{version}, windows of {window} s: {figures}");
    figures
}

#[test]
fn with_flags_ninety_nine_of_a_hundred_are_right() {
    for window in [60, 600] {
        assert!(share(5, window).right() >= 0.99);
    }
}

#[test]
fn without_flags_ninety_five_are() {
    for window in [60, 600] {
        assert!(share(2, window).right() >= 0.95);
    }
}
