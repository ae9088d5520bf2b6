//! The files of the web console, as Vite built them, each with its compressed twins.
//!
//! A build without Node embeds none, not even [`PAGE`]; whoever serves them says so.

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Its path below the console's address, such as `assets/index-1a2b3c.js`.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed with gzip, if that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// Compressed with Brotli, if that is smaller.
    pub brotli: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page that all addresses of the console show.
pub const PAGE: &str = "index.html";

/// A file by its path.
pub fn file(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_twins_are_smaller() {
        for file in FILES {
            assert!(
                [file.gzip, file.brotli].into_iter().flatten().all(|twin| twin.len() < file.plain.len()),
                "{file:?}"
            );
        }
    }

    #[test]
    fn a_page_that_was_built_finds_its_script() {
        let Some(page) = file(PAGE) else { return };
        let html = std::str::from_utf8(page.plain).unwrap();
        let script = html.split("src=\"/console/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(file(script).is_some(), "{script}");
    }
}
