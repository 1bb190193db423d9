//! What tests hold every question of admission to.

use rusqlite::params_from_iter;
use rusqlite::types::Null;

use super::Index;

impl Index {
    /// No question of admission may walk through a register, or through all of a type: with a million records each document
    /// would take a tenth of a second.
    pub(super) fn assert_narrow(&self, sql: &str) {
        let mut plan = self.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let unbound = vec![Null; plan.parameter_count()];
        let steps: Vec<String> = plan.query_map(params_from_iter(unbound), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let wide = |step: &&String| step.starts_with("SCAN e") || step.contains("entries_type") || step.contains("entries_date");
        assert_eq!(steps.iter().find(wide), None, "{sql}: {steps:?}");
    }
}
