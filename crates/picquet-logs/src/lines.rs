//! Objects that are read line by line.

use crate::Window;
use crate::read::{Out, Sink};

/// Reads lines to the end of the window.
pub(crate) fn read<S: Sink>(window: &mut Window<'_>, out: &mut Out<'_, S>) {
    let _ = window;
    out.report.not_read = Some("not built yet");
}

/// Reads one log line that was wrapped in something else. `place` says where the wrapping stands.
pub(crate) fn message<S: Sink>(line: &[u8], place: impl FnOnce() -> (u64, u64), out: &mut Out<'_, S>) {
    let _ = line;
    out.report.defect("not built yet", place);
}
