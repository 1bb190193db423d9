//! Bags: a folder of files packed so that anybody can check it for ever, in the form that libraries and archives use
//! (BagIt, RFC 8493), in one ZIP. What goes into a bag, and what is made of it, is not decided here.
//!
//! The same files give the same bytes: fixed times and rights, the order in which they are added, nothing of the
//! machine. A bag that is read is trusted in nothing: names, sizes, counts and hashes are checked before anything is
//! taken from it, and nothing is ever unpacked to a path that the ZIP names.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::Bag;
pub use writer::{BagWriter, Copied, CopyError};

/// The declaration that makes a folder a bag.
const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// The name of the declaration's file.
const DECLARATION_FILE: &str = "bagit.txt";

/// Who made the bag, when, and how much is in it.
const INFO_FILE: &str = "bag-info.txt";

/// The hash of each file of the payload.
const MANIFEST_FILE: &str = "manifest-sha256.txt";

/// The hash of each other file.
const TAG_MANIFEST_FILE: &str = "tagmanifest-sha256.txt";

/// The folder of the payload.
const PAYLOAD: &str = "data/";

/// How many bytes are copied at a time.
const PIECE: usize = 256 * 1024;

/// A path as it stands in a manifest: line breaks and `%` by their bytes, as RFC 8493 has it.
fn encoded(path: &str) -> String {
    path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A path out of a manifest. Only what has to be encoded is: any other `%` stands for itself, as in the bags of
/// programs that forget to encode it.
fn decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).unwrap_or_default();
        let meant = match code.to_ascii_uppercase().as_str() {
            "25" => Some('%'),
            "0D" => Some('\r'),
            "0A" => Some('\n'),
            _ => None,
        };
        out.push(meant.unwrap_or('%'));
        rest = &rest[at + if meant.is_some() { 3 } else { 1 }..];
    }
    out.push_str(rest);
    out
}
