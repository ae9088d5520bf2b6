//! The secrets of the store: one key file beside it, from which all others are derived.
//!
//! Secrets of access keys must be known to verify signatures, so they cannot be hashed. They are sealed with
//! AES-256-GCM (NIST SP 800-38D) under a random nonce, bound to the id of the access key.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes of the key file.
const KEY_BYTES: usize = 32;

/// The keys.
pub struct Keyring {
    seal: LessSafeKey,
    pages: [u8; KEY_BYTES],
    random: SystemRandom,
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

impl Keyring {
    /// Reads the key file, or makes it: only its owner can read it.
    ///
    /// # Errors
    /// When it cannot be read or written, or has another length.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(file) => {
                file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                bytes = vec![0; KEY_BYTES];
                SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
                write_private(path, &bytes)?;
            }
            Err(e) => return Err(e),
        }
        if bytes.len() != KEY_BYTES {
            return Err(io::Error::other(format!("{} must have {KEY_BYTES} bytes", path.display())));
        }
        let derive = |what: &str| -> io::Result<[u8; KEY_BYTES]> {
            let mut key = [0; KEY_BYTES];
            let info = [what.as_bytes()];
            Salt::new(HKDF_SHA256, b"picquet")
                .extract(&bytes)
                .expand(&info, Length)
                .and_then(|okm| okm.fill(&mut key))
                .map_err(|_| io::Error::other("no key can be derived"))?;
            Ok(key)
        };
        let seal = UnboundKey::new(&AES_256_GCM, &derive("seal")?).map_err(|_| io::Error::other("no key"))?;
        Ok(Self { seal: LessSafeKey::new(seal), pages: derive("pages")?, random: SystemRandom::new() })
    }

    /// The secret of page tokens.
    pub fn pages(&self) -> &[u8] {
        &self.pages
    }

    /// Random bytes.
    ///
    /// # Errors
    /// When the system has none.
    pub fn random<const N: usize>(&self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
        Ok(bytes)
    }

    /// Seals a secret for a context, without which it cannot be opened.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn seal(&self, context: &str, secret: &str) -> io::Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = self.random()?;
        let mut text = secret.as_bytes().to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut text)
            .map_err(|_| io::Error::other("sealing failed"))?;
        Ok([&nonce[..], &text].concat())
    }

    /// Opens a sealed secret. `None` when it was changed, or belongs to another context or key file.
    pub fn open_sealed(&self, context: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let secret =
            self.seal.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut text).ok()?;
        String::from_utf8(secret.to_vec()).ok()
    }
}

/// Writes a new file that only its owner can read.
///
/// # Errors
/// When it is there already, or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    if let Some(folder) = path.parent() {
        // So that the name is on disk as well.
        let _ = File::open(folder).and_then(|f| f.sync_all());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_sealed_opens_with_its_context_and_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(&folder.path().join("key")).unwrap();
        let again = Keyring::open(&folder.path().join("key")).unwrap();
        let other = Keyring::open(&folder.path().join("other")).unwrap();
        let sealed = keys.seal("AKIA1", "secret").unwrap();
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
        assert_eq!(again.open_sealed("AKIA1", &sealed).as_deref(), Some("secret"));
        assert_eq!(again.open_sealed("AKIA2", &sealed), None);
        assert_eq!(other.open_sealed("AKIA1", &sealed), None);
        assert_ne!(sealed, keys.seal("AKIA1", "secret").unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Keyring::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert!(Keyring::open(&path).is_err());
    }
}
