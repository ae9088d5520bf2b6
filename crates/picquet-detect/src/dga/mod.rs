//! Names that an algorithm made: a score of one name, and evidence of many names of one host.
//!
//! A name's score is weak evidence, so a host is judged by all names that it asked for and that do not exist.
//! `cargo xtask train dga` makes the model; `docs/models/dga.md` is its card.

pub mod common;
pub mod features;
pub mod host;
pub mod kin;
pub mod label;
pub mod letters;
pub mod model;
pub mod text;
pub mod trees;
pub mod words;

pub use host::{Evidence, JUDGED, Pattern, RARITY, Scored, Verdict, Window, judge, weigh};
pub use label::{Skip, Target};
pub use model::{LOGIT_UNIT, Model, NotAModel, Reasons, Score};
