//! Formulas: the part of LaTeX that office papers use; a formula with anything unknown prints as it was written.

use super::Writer;
use super::latex::formula;

impl Writer<'_, '_, '_> {
    /// Writes a formula; one that cannot be set as it was written.
    pub(super) fn write_formula(&mut self, source: &str, display: bool, line: Option<u32>) {
        match formula(source) {
            Ok(code) => {
                self.out.code(&format!("#math.equation(block: {display}, alt: "));
                self.out.literal(source.trim(), line, usize::MAX);
                self.out.code(&format!(", $ {code} $)"));
            }
            Err(_) if source.trim().is_empty() => {}
            Err(unknown) => {
                let shown: String = source.trim().chars().take(60).collect();
                let why = unknown.map_or_else(String::new, |name| format!(" (`{name}` is not known)"));
                self.warn("math-unknown", format!("the formula `{shown}` cannot be set{why}: it is printed as it was written"), line);
                self.out.code("#raw(");
                self.out.literal(source, line, self.word_limit);
                self.out.code(")");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_papers_use_is_set() {
        let formulas = [
            ("x^2 + y_{i+1}", "x^(2) \\+ y_(i \\+ 1)"),
            (r"\frac{a}{b} \leq \sqrt[3]{27}", "frac(a, b) ≤ root(3, 27)"),
            (r"\sum_{k=1}^n a_k", r"∑_(k \= 1)^(n) a_(k)"),
            (r"\sum\limits_{k=1}^n", r"∑_(k \= 1)^(n)"),
            (r"\left( x \rightarrow y \right)", r"lr(\( x → y \))"),
            (r"12{,}5 + 1{,}200", "\"12,5\" \\+ \"1,200\""),
            (r"\text{if } x", "\"if \" x"),
            (r"\text{5 \% of {all}}", "\"5 % of all\""),
            (r"\begin{pmatrix} a & b \\[2pt] c & d \\ \end{pmatrix}", "mat(delim: \"(\", a, b; c, d)"),
            (r"\begin{align*} a &= b \\ &= c \end{align*}", r#"a & \= b \ "" & \= c"#),
            (r"\begin{array}{cc} a & b \end{array}", "mat(delim: #none, a, b)"),
            (r"1,250.50 - 3.5\,\mathrm{kg}", "\"1,250.50\" − 3.5 thin \"kg\""),
            (r"f'(x) = 1{,}000", "f' \\( x \\) \\= \"1,000\""),
            (r"利润 = 收入 \times \SI{5}{kg}", "\"利润\" \\= \"收入\" × \"5\" thin \"kg\""),
            (r"\operatorname*{arg\,max}_x \overset{!}{=} n", r#"op("arg max", limits: #true)_(x) attach(limits(\=), t: \!) n"#),
        ];
        for (latex, typst) in formulas {
            assert_eq!(formula(latex).as_deref(), Ok(typst), "{latex}");
        }
    }

    #[test]
    fn what_is_not_known_is_named() {
        assert_eq!(formula(r"a + \nosuch{b}"), Err(Some("\\nosuch".to_owned())));
        assert_eq!(formula(r"\begin{tikzcd} a \end{tikzcd}"), Err(Some("\\begin{tikzcd}".to_owned())));
        assert_eq!(formula(r"\frac{a"), Err(None));
    }

    /// Whether all that stands outside of string literals is escaped, a letter, or a name that this program wrote.
    fn is_no_code(code: &str) -> bool {
        let root = typst::syntax::parse(&format!("$ {code} $"));
        let hashes = code.match_indices('#').all(|(at, _)| {
            code[..at].ends_with('\\')
                || code[..at].matches('"').count() % 2 == 1
                || code[at..].starts_with("#true")
                || code[at..].starts_with("#none")
        });
        root.errors_and_warnings().0.is_empty() && hashes
    }

    #[test]
    fn nothing_in_a_formula_is_code() {
        for latex in [
            "#read(\"x\")",
            "a $ #x",
            "sys.version",
            "x(y: z, ..w; v)",
            r"\text{\#x}",
            r"\unknown",
            r"\frac{a",
            "}",
            r"\left(",
            "\"#x\"",
            "x^2^3",
            "_a",
            "{}_b^c",
            "a'^2'",
        ] {
            if let Ok(code) = formula(latex) {
                assert!(is_no_code(&code), "{latex}: {code}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_formula_is_well_formed(parts in prop::collection::vec(prop::sample::select(vec![
            "a", "12", "1,000", "^", "_", "{", "}", "\\frac", "\\sqrt", "[", "]", "\\left(", "\\right)", "&", "\\\\", "'", "\"", "#", "$", "\\text{a b}", "\\begin{cases}",
            "\\end{cases}", "\\sum", "\\limits", "利润", "α", ",", ";", "(", ")", "/", "\\%", "\\,", "~", " ", "\\overset", "-", "*", ":", ".", "\\mathbf", "\\operatorname{x}",
        ]), 0..14)) {
            if let Ok(code) = formula(&parts.concat()) {
                prop_assert!(is_no_code(&code), "{} gives {}", parts.concat(), code);
            }
        }
    }
}
