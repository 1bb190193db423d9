//! `[register] names = false`: who is named in a document, and who had something done, stands in no line.
//!
//! Decided where lines are written, so that no way of writing one can forget it. What a title, a file's name or a stated
//! reason says is what somebody wrote there, and stays.

use super::Register;
use super::Said;
use super::event::Happening;

impl Register {
    /// Whether people are named in the lines that are written from now on.
    pub fn keep_names(&self, keep: bool) {
        self.lock().names = keep;
    }
}

impl Happening {
    /// The same line without anybody's name.
    pub(super) fn without_names(mut self) -> Self {
        let nobody = |said: &mut Said| said.by = None;
        match &mut self {
            Self::Filed(filed) => {
                filed.people.clear();
                nobody(&mut filed.said);
            }
            Self::Status(status) => nobody(&mut status.said),
            Self::Moved(moved) => nobody(&mut moved.said),
            Self::Disposed(disposed) => nobody(&mut disposed.said),
            Self::Rebuilt(rebuilt) => nobody(&mut rebuilt.said),
            _ => {}
        }
        self
    }
}
