//! ALIEN_VAULT: `ip#reliability#risk#activity#country#city#lat,lon#n`, one address a line. The activity is taken as
//! the threat's name.

use super::{RawEntry, Sink, lines};

pub(super) fn parse(bytes: &[u8], sink: &mut dyn Sink) {
    lines(bytes, sink, |number, line, sink| {
        let mut fields = line.split('#');
        let indicator = fields.next().unwrap_or_default().trim();
        // A line that begins with `#` is a comment.
        if !indicator.is_empty() {
            let threat = fields.nth(2).map(str::trim).filter(|threat| !threat.is_empty());
            sink.entry(number, RawEntry { threat, ..RawEntry::of(indicator) });
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::parse::tests::record;
    use crate::report::ListFormat::AlienVault;

    #[test]
    fn the_activity_is_the_threat() {
        let text = "# head\n198.51.100.4#4#2#Malicious Host#US##0.0,0.0#3\n203.0.113.9#1#2###x\n192.0.2.1\n";
        let read = record(AlienVault, text);
        assert_eq!(read.entries, ["2 198.51.100.4 Malicious Host", "3 203.0.113.9", "4 192.0.2.1"]);
    }
}
