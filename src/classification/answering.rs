//! How a question is answered at the command line: the command as it can be pasted into a shell, whatever the note's name.

/// `chancery answer inbox/NAME`, in quotation marks where a shell would take the name apart.
pub fn command(name: &str) -> String {
    // A drop is named from the inbox, a file given at the command line from where its user stands.
    let path = if name.starts_with("inbox/") { name.to_owned() } else { format!("inbox/{name}") };
    format!("chancery answer {}", shell_word(&path))
}

/// A name as one word of a shell.
pub fn shell_word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_shell_takes_any_name_as_one_word() {
        assert_eq!(command("sub/会议.md"), "chancery answer inbox/sub/会议.md");
        assert_eq!(command("inbox/notes.md"), "chancery answer inbox/notes.md");
        assert_eq!(command("2024-03-06 (1).md"), "chancery answer 'inbox/2024-03-06 (1).md'");
        assert_eq!(command("Li's $x.md"), r"chancery answer 'inbox/Li'\''s $x.md'");
    }
}
