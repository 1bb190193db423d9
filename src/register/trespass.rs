//! What lines of another register must not name: as a place of documents, what is the archive's own; as a file of the inbox, one
//! that is not in it. Our own lines never do, so such lines were made to have something written over, moved or removed.

use crate::storage::name::is_archives_own;

use super::SourceFile;
use super::afterwards::MovedFile;
use super::event::{Happening, Reserve};

/// The first such path in a line.
pub(super) fn trespasses(happening: &Happening) -> Option<&str> {
    match happening {
        Happening::Filed(filed) => filed.files.iter().map(|file| file.path.as_str()).find(|path| is_archives_own(path)),
        Happening::Moved(moved) => moved_astray(&moved.files),
        Happening::Void(void) => moved_astray(&void.files),
        Happening::Reserve(reserve) => reserved_astray(reserve).or_else(|| outside(&reserve.inbox)),
        Happening::Duplicate(duplicate) => outside(&duplicate.inbox),
        _ => None,
    }
}

fn moved_astray(files: &[MovedFile]) -> Option<&str> {
    files.iter().flat_map(|file| [file.from.as_str(), file.to.as_str()]).find(|path| is_archives_own(path))
}

/// Whoever comes after a killed writer removes what stands at the places that it had reserved.
fn reserved_astray(reserve: &Reserve) -> Option<&str> {
    reserve.reserved().flat_map(|one| &one.files).map(|place| place.path.as_str()).find(|path| is_archives_own(path))
}

/// Whoever comes after a killed writer removes what it had filed from the inbox.
fn outside(inbox: &[SourceFile]) -> Option<&str> {
    let leads_out =
        |name: &str| name.is_empty() || name.split(['/', '\\']).any(|part| part.is_empty() || part == "..") || name.contains('\0');
    inbox.iter().map(|file| file.name.as_str()).find(|name| leads_out(name))
}
