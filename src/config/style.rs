//! What `[style]` may say of the page, checked: a mistake in it is told with its line, as everywhere in the file.
//!
//! Keys that nobody here knows are not mistakes: they are for the office's own layouts and houses.

use toml::Value;

use super::written::{Check, Surroundings};
use crate::catalog;
use crate::toml_file::{listed, nearest};

/// The house that prints where none is named.
const DEFAULT_HOUSE: &str = "modern";

impl Check<'_> {
    /// Checks the table `[style]`.
    pub(super) fn style(&mut self, style: &toml::Table, surroundings: &Surroundings<'_>) {
        if let Some(house) = style.get("house") {
            self.house(house, surroundings);
        }
    }

    /// A house is a file below `templates/_shared/houses/`, built in or the office's own.
    fn house(&mut self, house: &Value, surroundings: &Surroundings<'_>) {
        let names = catalog::houses(&surroundings.root.join("templates"));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(name) = house.as_str() else {
            let message = format!("`house` is a name in quotation marks, not {}", house.type_str());
            return self.tell(&["style", "house"], "house", message, format!("Possible here: {}.", listed(&names)));
        };
        if names.contains(&name) {
            return;
        }
        let near = nearest(name, names.iter().copied()).unwrap_or(DEFAULT_HOUSE);
        let help = format!("Did you mean `{near}`? There are {}; another is added as templates/_shared/houses/NAME.typ.", listed(&names));
        self.tell(&["style", "house"], "house", format!("There is no house `{name}`"), help);
    }
}
