//! Keeping: taking a copy of the archive away and bringing one back, and how long what is filed has to be kept.
//!
//! Everything here works on what stands: records, their files and the register's lines. Nothing here makes a document
//! or changes one, and what it adds to the register are lines like all others.

mod adopt;
mod export;
mod import;
pub mod listing;
mod restore;
mod selection;
#[cfg(test)]
mod tests;

pub use export::{Exported, export};
pub use import::{Imported, import};
pub use selection::Selection;
