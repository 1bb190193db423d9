//! The command that goes on where a batch stopped.

use std::ffi::OsString;

use crate::classification::shell_word;

const RESUME: &str = "--resume";

/// The command that goes on where this one stopped: itself, with `--resume`.
pub fn going_on(arguments: &[OsString]) -> String {
    let mut words: Vec<String> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if !words.iter().any(|word| word == RESUME) {
        // What stands after `--` is no option.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, RESUME.to_owned());
    }
    let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    format!("chancery {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_goes_on_can_be_typed_as_it_is_told() {
        let going_on = |words: &[&str]| going_on(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(
            going_on(&["/bin/chancery", "batch", "n.md", "--rows", "my guests.csv", "--file"]),
            "chancery batch n.md --rows 'my guests.csv' --file --resume"
        );
        assert_eq!(going_on(&["chancery", "batch", "--rows", "r.csv", "--", "-n.md"]), "chancery batch --rows r.csv --resume -- -n.md");
        assert_eq!(going_on(&["chancery", "batch", "--resume", "n.md"]), "chancery batch --resume n.md");
    }
}
