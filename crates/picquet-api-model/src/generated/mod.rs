//! Written by `cargo xtask codegen`.

mod attributes;
mod enums;
mod given;
mod operations;
mod taken;
mod validators;

pub use attributes::ATTRIBUTES;
pub use enums::*;
pub use given::*;
pub use operations::{Operation, ROUTES};
pub use taken::*;
