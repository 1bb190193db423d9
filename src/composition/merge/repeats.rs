//! Rows that cannot be told from an earlier one of their table.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher as _;

use super::row_key;
use crate::failure::Problem;
use crate::reading::Table;

/// Of each row that has the key of an earlier one, that one; counted from 0.
#[derive(Clone, Debug, Default)]
pub struct Repeats(HashMap<usize, usize>);

impl Repeats {
    /// Those of a table. Of each key only a hash is kept; where two are alike the keys themselves are compared.
    pub fn of(table: &Table) -> Self {
        let hashes = RandomState::new();
        let mut first: HashMap<u64, usize> = HashMap::with_capacity(table.len());
        let mut twice = HashMap::new();
        for (index, row) in table.rows().enumerate() {
            let key = row_key(table, &row);
            match first.entry(hashes.hash_one(&key)) {
                Entry::Occupied(earlier) if row_key(table, &table.row(*earlier.get())) == key => {
                    twice.insert(index, *earlier.get());
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(index);
                }
            }
        }
        Self(twice)
    }

    /// What is said of a row that repeats another: one of the two would stand for both, and the other would be lost.
    pub fn problem(&self, table: &Table, index: usize) -> Option<Problem> {
        let (first, second) = (table.row(*self.0.get(&index)?), table.row(index));
        let (message, help) = if first.cells == second.cells {
            (format!("This row says the same as the one in {}.", table.place(&first)), "Delete one of the two rows.")
        } else {
            let message = format!("This row has the same id, {}, as the one in {}.", row_key(table, &second), table.place(&first));
            (message, "Give each row an id of its own.")
        };
        Some(table.place_in(Problem::new("row-twice", message, help), &second))
    }

    /// The same of a row that has another's key and says something else. One that says the same is the same document, filed once.
    pub fn clash(&self, table: &Table, index: usize) -> Option<Problem> {
        let first = table.row(*self.0.get(&index)?);
        if first.cells == table.row(index).cells { None } else { self.problem(table, index) }
    }
}
