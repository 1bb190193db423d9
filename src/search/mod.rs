//! Searching: a full-text index over what is filed.
//!
//! The index is derived from the register and the archive, lives in `.chancery/search/`, and may be deleted at any time.
//! It follows the register in the background and never makes filing wait. What is disposed of leaves it entirely.
//!
//! | file | what it does |
//! |---|---|
//! | `fold`, `tokens` | how a text falls into what is looked for |
//! | `plain`, `source` | the words of a record, read from the archive |
//! | `fields`, `home` | what stands in the index, and where it lives |
//! | `follow` | brings it up to date |
//! | `background`, `ready` | all the time, or just before a search |
//! | `asked`, `vocabulary`, `clause` | what was typed, and what is asked of the index |
//! | `rank`, `find`, `hit` | the best hits, and the line that shows each |

mod asked;
mod background;
mod clause;
mod fields;
mod find;
mod fold;
mod follow;
mod hit;
mod home;
mod plain;
mod rank;
mod ready;
mod source;
#[cfg(test)]
mod tests;
mod tokens;
mod vocabulary;

pub use background::Background;
pub use find::{Finder, Found, Hit, Search};
pub use follow::{Follower, Reached};
pub use hit::Excerpt;
pub use home::TextIndex;
pub use ready::{Ready, keep_up, ready};
