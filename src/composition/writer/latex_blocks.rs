//! What stands in LaTeX between a beginning and an end: fences, matrices, cases, lines under one another.

use super::latex::Reader;

impl Reader<'_> {
    /// `\left( … \right)`.
    pub(super) fn fenced(&mut self) -> Option<String> {
        let open = self.fence()?;
        let inner = self.sequence(&["\\right"])?;
        self.rest = self.rest.strip_prefix("\\right")?;
        let close = self.fence()?;
        Some(format!("lr({open} {inner} {close})"))
    }

    pub(super) fn fence(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        for (mark, code) in [('.', "\"\""), ('<', "⟨"), ('>', "⟩")] {
            if let Some(rest) = self.rest.strip_prefix(mark) {
                self.rest = rest;
                return Some(code.to_owned());
            }
        }
        self.atom().filter(|atom| atom.chars().count() <= 2)
    }

    /// `\begin{pmatrix} a & b \\ c & d \end{pmatrix}`.
    pub(super) fn environment(&mut self) -> Option<String> {
        let name = self.text()?;
        if matches!(name.as_str(), "array" | "alignedat" | "alignat" | "alignat*") {
            self.text()?;
        }
        let end = format!("\\end{{{name}}}");
        let delimiter = match name.trim_end_matches('*') {
            "matrix" | "smallmatrix" | "array" => "#none",
            "pmatrix" => "\"(\"",
            "bmatrix" => "\"[\"",
            "Bmatrix" => "\"{\"",
            "vmatrix" => "\"|\"",
            "Vmatrix" => "\"‖\"",
            "cases" | "dcases" | "aligned" | "align" | "alignedat" | "alignat" | "gathered" | "gather" | "split" | "equation"
            | "multline" => "",
            _ => {
                self.unknown = Some(format!("\\begin{{{name}}}"));
                return None;
            }
        };
        let mut rows = self.rows(&end)?;
        // A last line that is begun and left empty is none.
        if rows.len() > 1 && rows.last().is_some_and(|row| row.iter().all(|cell| cell == "\"\"")) {
            rows.pop();
        }
        let joined = |cells: &str, lines: &str| rows.iter().map(|row| row.join(cells)).collect::<Vec<_>>().join(lines);
        Some(match name.as_str() {
            "cases" | "dcases" => format!("cases({})", joined(" & ", ", ")),
            _ if delimiter.is_empty() => joined(" & ", " \\ "),
            _ => format!("mat(delim: {delimiter}, {})", joined(", ", "; ")),
        })
    }

    /// Cells in rows, up to the end of an environment.
    fn rows(&mut self, end: &str) -> Option<Vec<Vec<String>>> {
        let mut rows = vec![vec![]];
        loop {
            let cell = self.sequence(&["&", "\\\\", end])?;
            rows.last_mut()?.push(if cell.is_empty() { "\"\"".to_owned() } else { cell });
            if let Some(rest) = self.rest.strip_prefix('&') {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix("\\\\") {
                // The distance to the next line may follow: `\\[2pt]`.
                let distance = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                self.rest = distance.map_or(rest, |(_, rest)| rest);
                rows.push(Vec::new());
            } else {
                self.rest = self.rest.strip_prefix(end)?;
                return Some(rows);
            }
        }
    }
}
