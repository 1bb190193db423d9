//! Font files, mapped into memory: the machine holds each once for all processes, and of a large one only the parts that are used.

use std::fs::File;
use std::io;
use std::path::Path;

use typst::foundations::Bytes;

/// The bytes of a font file.
///
/// # Errors
/// It cannot be opened.
#[expect(unsafe_code, reason = "a map can be had in no other way")]
pub(super) fn bytes_of(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: what is needed is that nobody changes the file while it is mapped. Package managers put a new file in the place of the old
    // one, whose bytes stay as long as somebody has them. Somebody who writes into the file itself makes a broken font of it, and one
    // that is cut short ends the process that reads it: a worker, which is replaced.
    let map = unsafe { memmap2::Mmap::map(&file)? };
    Ok(Bytes::new(map))
}
