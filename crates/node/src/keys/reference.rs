//! What the file `device.key` holds: 32 bytes, or one line that refers to the keychain.

use kaifong_domain::DeviceId;
use zeroize::Zeroizing;

/// What begins like this is never a key, however much of it was lost.
const MARK: &[u8] = b"kaifong-keychain ";
const VERSION: &[u8] = b"1 ";

/// A key file, read.
pub(super) enum KeyFile {
    /// It is the key.
    Seed(Zeroizing<[u8; 32]>),
    /// The key of this device lies in the keychain, under the device's id.
    InKeychain(DeviceId),
}

impl KeyFile {
    /// Reads what the file holds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let Some(refers) = bytes.strip_prefix(MARK) else {
            let seed = <[u8; 32]>::try_from(bytes).map(Zeroizing::new);
            return seed.map(Self::Seed).map_err(|_| "it holds neither 32 bytes nor a line that refers to a keychain");
        };
        let name = refers.strip_prefix(VERSION).ok_or("it refers to a keychain as this version does not know")?;
        let device = name.strip_suffix(b"\n").and_then(|name| std::str::from_utf8(name).ok()?.parse().ok());
        // Only what was written is read: an id can be typed in several ways.
        let device = device.filter(|device| bytes == to(*device).as_bytes());
        device.map(Self::InKeychain).ok_or("it refers to a keychain, and is damaged")
    }
}

/// Gives the line that refers to a device's key.
pub(super) fn to(device: DeviceId) -> String {
    format!("kaifong-keychain 1 {device}\n")
}
