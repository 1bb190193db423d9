//! Keeping: taking a copy of the archive away and bringing one back, and how long what is filed has to be kept.
//!
//! Everything here works on what stands: records, their files and the register's lines. Nothing here makes a document
//! or changes one, and what it adds to the register are lines like all others.

mod adopt;
mod description;
mod disposal;
mod export;
mod import;
pub mod listing;
mod restore;
mod retention;
mod selection;
#[cfg(test)]
mod tests;

pub use disposal::{Disposed, MAX_RECORDS, Planned, Wish, dispose, finish as finish_disposal, plan as plan_disposal};
pub use export::{Exported, export};
pub use import::{Imported, import};
pub use retention::{Retained, Term, each_retained, retained};
pub use selection::Selection;
