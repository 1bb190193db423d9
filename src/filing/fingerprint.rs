//! Paths and hashes in few bytes, for tables of a million of them.

use sha2::{Digest as _, Sha256};

/// The first half of a path's SHA-256.
pub(super) type Fingerprint = [u8; 16];

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// The fingerprint of a path relative to `archive/`.
pub(super) fn fingerprint(path: &str) -> Fingerprint {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(path.as_bytes())[..16]);
    half
}

/// A hash as the register writes it; what is none never fits a file.
pub(super) fn hash_of(text: &str) -> Hash {
    let mut hash = [0; 32];
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    hash
}
