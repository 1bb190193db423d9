//! Questions with many answers: lists of records, and what the followers of the register need to keep up with it.
//!
//! Nothing here gathers a whole register in memory: lists have a limit, and [`Register::each`] hands on one at a time.

use chrono::NaiveDate;

use crate::failure::Checked;
use crate::model::TypeName;

use super::index::Index;
use super::{RecordState, Register};

/// Which records are asked for, newest filed first. The default is every record that stands, in its newest version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only this document type.
    pub document_type: Option<TypeName>,
    /// Only documents of this day or later.
    pub from: Option<NaiveDate>,
    /// Only documents of this day or earlier.
    pub to: Option<NaiveDate>,
    /// Only documents of this year.
    pub year: Option<i32>,
    /// Only this number.
    pub number: Option<String>,
    /// Only records that name somebody of this name, or with this in the name.
    pub person: Option<String>,
    /// Only records of this standing.
    pub standing: Option<Standing>,
    /// Also what is void, superseded or disposed of.
    pub all: bool,
    /// At most so many.
    pub limit: Option<usize>,
    /// Without the first so many.
    pub offset: usize,
}

/// What may be said of a record beside that it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The document calls itself a draft.
    Draft,
    /// The document was approved.
    Approved,
    /// A signed copy joined it, or the document says that it is signed.
    Signed,
    /// It is not to be disposed of.
    Held,
    /// A newer version replaced it.
    Superseded,
    /// It no longer stands.
    Void,
    /// Its content was disposed of.
    Disposed,
}

impl Standing {
    /// Every one, in the order in which a list shows them.
    pub const ALL: [Self; 7] = [Self::Draft, Self::Approved, Self::Signed, Self::Held, Self::Superseded, Self::Void, Self::Disposed];

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Signed => "signed",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Void => "void",
            Self::Disposed => "disposed",
        }
    }

    /// Whether a record of this standing is left out unless it is asked for.
    pub fn is_past(self) -> bool {
        matches!(self, Self::Superseded | Self::Void | Self::Disposed)
    }
}

impl RecordState {
    /// What is to be said of it; nothing of a record that simply stands.
    pub fn standings(&self) -> Vec<Standing> {
        Standing::ALL.into_iter().filter(|standing| self.is(*standing)).collect()
    }

    /// Whether that can be said of it.
    pub fn is(&self, standing: Standing) -> bool {
        let says = |word: &str| self.record.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case(word));
        match standing {
            Standing::Draft | Standing::Approved => says(standing.as_str()),
            Standing::Signed => says(standing.as_str()) || !self.joined.is_empty(),
            Standing::Held => self.held.is_some(),
            Standing::Superseded => self.superseded_by.is_some(),
            Standing::Void => self.void.is_some(),
            Standing::Disposed => self.disposed.is_some(),
        }
    }
}

/// A record of which a later line said something: it was superseded, moved, held, joined, voided or disposed of.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The `seq` of the last such line.
    pub at: u64,
    /// What is known of it now.
    pub state: RecordState,
}

/// How many records are taken from the index at a time.
const PAGE: usize = 500;

impl Register {
    /// The records that fit, newest filed first. A signed copy is no record of its own: it comes with the one it joined.
    ///
    /// # Errors
    /// The machine's.
    pub fn query(&self, query: &Query) -> Checked<Vec<RecordState>> {
        let (most, offset) = (query.limit.unwrap_or(usize::MAX), query.offset);
        let page = self.ask(|index| index.page(query, i64::MAX, most, offset))?;
        Ok(page.into_iter().map(|(_, state)| state).collect())
    }

    /// How many records stand, each counted once.
    ///
    /// # Errors
    /// The machine's.
    pub fn count(&self) -> Checked<usize> {
        self.ask(Index::count)
    }

    /// Hands on each record that fits, newest filed first, without gathering them. What is filed meanwhile is not seen.
    ///
    /// # Errors
    /// The machine's, or what `take` gives: then it ends there.
    pub fn each(&self, query: &Query, mut take: impl FnMut(RecordState) -> Checked<()>) -> Checked<()> {
        let (mut before, mut left, mut offset) = (i64::MAX, query.limit.unwrap_or(usize::MAX), query.offset);
        while left > 0 {
            // Not under the lock: whoever takes a record may ask the register about it.
            let page = self.ask(|index| index.page(query, before, left.min(PAGE), offset))?;
            let Some(&(last, _)) = page.last() else { break };
            (before, left, offset) = (last, left - page.len(), 0);
            page.into_iter().try_for_each(|(_, state)| take(state))?;
        }
        Ok(())
    }

    /// Every `filed` line after the one with this `seq`, oldest first, with what is known of it now; signed copies too.
    /// A follower asks again from the last `seq` that it was given, until there is nothing more.
    ///
    /// # Errors
    /// The machine's.
    pub fn filed_after(&self, seq: u64, limit: usize) -> Checked<Vec<RecordState>> {
        self.ask(|index| index.filed_after(seq, limit))
    }

    /// The records of which a line after the one with this `seq` said something, in the order of those lines.
    ///
    /// # Errors
    /// The machine's.
    pub fn changed_after(&self, seq: u64, limit: usize) -> Checked<Vec<Changed>> {
        self.ask(|index| index.changed_after(seq, limit))
    }
}
