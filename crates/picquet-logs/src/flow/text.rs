//! Flow log lines.
