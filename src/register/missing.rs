//! A register that is not there although the archive holds documents: nothing is filed then, or numbers would begin anew.

use std::path::Path;

use crate::failure::{Blame, Checked, Problem};

use super::session::Inner;
use super::{DocumentIn, Register};

impl Register {
    /// Where the register is empty, looks with this whether the archive is, before anything is filed.
    #[must_use]
    pub fn with_documents(self, documents: DocumentIn) -> Self {
        self.lock().documents = Some(documents);
        self
    }

    /// Refuses a register that is empty while documents of ours stand in its archive.
    ///
    /// # Errors
    /// That it is missing; the machine's.
    pub fn refuse_if_missing(&self) -> Checked<()> {
        let mut inner = self.lock();
        inner.book.follow()?;
        match inner.refuse_if_missing(self.archive()) {
            // Another may have filed its first document at this moment.
            Err(problems) => inner.book.follow().and_then(|()| if inner.index().seq == 0 { Err(problems) } else { Ok(()) }),
            fine => fine,
        }
    }
}

impl Inner {
    /// The same, of what was read already.
    pub(super) fn refuse_if_missing(&self, archive: &Path) -> Checked<()> {
        let Some(documents) = self.documents.filter(|_| self.index().seq == 0) else { return Ok(()) };
        let Some(document) = documents(archive) else { return Ok(()) };
        let message = format!(
            "The archive holds documents (for instance {}), but its register, {}, is missing or empty, or no line of it can be read.",
            document.display(),
            self.book.journal.folder().display()
        );
        let help = "Put the register back from a backup, or make a new one from the PDFs with `chancery rebuild`. \
                    Until then nothing is filed: numbers would be given a second time.";
        Err(Problem::new("register-missing", message, help).blaming(Blame::Machine).into())
    }
}
