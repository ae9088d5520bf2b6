//! placeholder
use crate::args::Args;
pub fn run(_: Args) -> anyhow::Result<bool> {
    Ok(true)
}
