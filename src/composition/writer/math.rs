//! Formulas: the part of LaTeX that office papers use, as a formula of Typst. Every letter of the note stands alone and
//! every sign is escaped, so that none of them can be code; a formula with anything unknown prints as it was written.

use std::fmt::Write;

use super::Writer;

/// Groups within groups beyond this depth are not set.
const MAX_DEPTH: usize = 12;
/// Longer formulas are not set.
const MAX_CHARS: usize = 4_000;

/// Commands that stand for a character.
const SIGNS: &str = "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π \
    rho ρ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ \
    Phi Φ Psi Ψ Omega Ω times × div ÷ cdot ⋅ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ \
    simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅ varnothing ∅ \
    forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ implies ⇒ \
    Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ sum ∑ prod ∏ int ∫ iint ∬ oint ∮ infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ \
    Re ℜ Im ℑ aleph ℵ angle ∠ perp ⊥ parallel ∥ mid ∣ prime ′ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ therefore ∴ because ∵ langle ⟨ rangle ⟩ \
    lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert | Vert ‖ lVert ‖ rVert ‖ lbrace { rbrace } oplus ⊕ otimes ⊗ degree ° checkmark ✓ \
    backslash \\";

/// Functions, set upright; those before the bar have their limits below.
const FUNCTIONS: &str = "lim limsup liminf max min sup inf det gcd argmax argmin | sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh exp ln log lg \
    deg dim ker hom arg mod";

/// Commands around one group, and Typst's names for them.
const AROUND: &[(&str, &str)] = &[
    ("sqrt", "sqrt"),
    ("hat", "hat"),
    ("widehat", "hat"),
    ("bar", "macron"),
    ("vec", "arrow"),
    ("dot", "dot"),
    ("ddot", "dot.double"),
    ("tilde", "tilde"),
    ("widetilde", "tilde"),
    ("overline", "overline"),
    ("underline", "underline"),
    ("mathbf", "bold"),
    ("boldsymbol", "bold"),
    ("mathrm", "upright"),
    ("operatorname", "upright"),
    ("mathbb", "bb"),
    ("mathcal", "cal"),
    ("mathit", "italic"),
    ("mathsf", "sans"),
    ("mathtt", "mono"),
];

impl Writer<'_, '_, '_> {
    /// Writes a formula; one that cannot be set as it was written.
    pub(super) fn write_formula(&mut self, source: &str, display: bool, line: Option<u32>) {
        match formula(source) {
            Some(code) => {
                self.out.code(&format!("#math.equation(block: {display}, alt: "));
                self.out.literal(source.trim(), line, usize::MAX);
                self.out.code(&format!(", $ {code} $)"));
            }
            None if source.trim().is_empty() => {}
            None => {
                let shown: String = source.trim().chars().take(60).collect();
                self.warn("math-unknown", format!("the formula `{shown}` cannot be set: it is printed as it was written"), line);
                self.out.code("#raw(");
                self.out.literal(source, line, self.word_limit);
                self.out.code(")");
            }
        }
    }
}

/// LaTeX as a formula of Typst, if all of it is known.
fn formula(source: &str) -> Option<String> {
    if source.trim().is_empty() || source.chars().count() > MAX_CHARS {
        return None;
    }
    let mut reader = Reader { rest: source, depth: 0 };
    let code = reader.sequence(&[])?;
    reader.rest.is_empty().then_some(code)
}

struct Reader<'s> {
    rest: &'s str,
    depth: usize,
}

impl Reader<'_> {
    /// Everything up to one of the ends, which stay.
    fn sequence(&mut self, ends: &[&str]) -> Option<String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut code = String::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || ends.iter().any(|end| self.rest.starts_with(end)) {
                break;
            }
            let script = self.rest.chars().next().filter(|c| matches!(c, '^' | '_'));
            if let Some(mark) = script {
                self.rest = &self.rest[1..];
                let inner = self.argument()?;
                let is_raised = self.rest.trim_start().starts_with(['^', '_']);
                let base = if code.is_empty() { "\"\"" } else { "" };
                write!(code, "{base}{mark}({inner}){}", if is_raised { "" } else { " " }).ok()?;
                continue;
            }
            // What is raised or lowered belongs to what stands directly before it.
            let atom = self.atom()?;
            code.push_str(&atom);
            let is_raised = self.rest.trim_start().starts_with(['^', '_']);
            code.push_str(if is_raised { "" } else { " " });
        }
        self.depth -= 1;
        Some(code.trim_end().to_owned() + if code.trim_end().ends_with('\\') { " " } else { "" })
    }

    fn atom(&mut self) -> Option<String> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        match c {
            '\\' => self.command(),
            '{' => {
                let inner = self.sequence(&["}"])?;
                self.rest = self.rest.strip_prefix('}')?;
                Some(if inner.is_empty() { "\"\"".to_owned() } else { format!("italic({inner})").replacen("italic", "lr", 1) })
            }
            '}' => None,
            '0'..='9' => {
                let length = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
                let digits = format!("{c}{}", &self.rest[..length]);
                self.rest = &self.rest[length..];
                Some(digits)
            }
            '&' => Some("&".to_owned()),
            '~' => Some("space".to_owned()),
            '\'' => Some("′".to_owned()),
            c if c.is_control() => None,
            c => Some(sign(c)),
        }
    }

    /// A group in braces, or one sign.
    fn argument(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            let inner = self.sequence(&["}"])?;
            self.rest = self.rest.strip_prefix('}')?;
            return Some(if inner.is_empty() { "\"\"".to_owned() } else { inner });
        }
        // One digit, not a number: x^23 is x² 3.
        let digit = self.rest.chars().next().filter(char::is_ascii_digit);
        if let Some(digit) = digit {
            self.rest = &self.rest[1..];
            return Some(digit.to_string());
        }
        self.atom()
    }

    fn command(&mut self) -> Option<String> {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if letters == 0 {
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            return match c {
                '\\' => Some("\\ ".to_owned()),
                ',' | ':' => Some("thin".to_owned()),
                ';' | ' ' => Some("med".to_owned()),
                '!' => Some("\"\"".to_owned()),
                '|' => Some("‖".to_owned()),
                c if c.is_ascii_punctuation() => Some(sign(c)),
                _ => None,
            };
        }
        let (name, rest) = self.rest.split_at(letters);
        self.rest = rest;
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => Some(format!("frac({}, {})", self.argument()?, self.argument()?)),
            "binom" => Some(format!("binom({}, {})", self.argument()?, self.argument()?)),
            "sqrt" if self.rest.trim_start().starts_with('[') => {
                self.rest = &self.rest.trim_start()[1..];
                let degree = self.sequence(&["]"])?;
                self.rest = self.rest.strip_prefix(']')?;
                Some(format!("root({degree}, {})", self.argument()?))
            }
            "text" | "textrm" | "textbf" | "mbox" | "textit" => self.text(),
            "left" => self.fenced(),
            "begin" => self.environment(),
            "quad" => Some("quad".to_owned()),
            "qquad" => Some("wide".to_owned()),
            "displaystyle" | "limits" | "nolimits" | "big" | "Big" | "bigl" | "bigr" | "Bigl" | "Bigr" => Some("\"\"".to_owned()),
            _ => self.named(name),
        }
    }

    fn named(&mut self, name: &str) -> Option<String> {
        if let Some((_, typst)) = AROUND.iter().find(|(latex, _)| *latex == name) {
            return Some(format!("{typst}({})", self.argument()?));
        }
        let (with_limits, others) = FUNCTIONS.split_once('|')?;
        if with_limits.split_whitespace().any(|function| function == name) {
            return Some(format!("op(\"{name}\", limits: #true)"));
        }
        if others.split_whitespace().any(|function| function == name) {
            return Some(format!("op(\"{name}\")"));
        }
        let mut words = SIGNS.split_whitespace();
        let found = words.find(|word| *word == name && word.is_ascii()).and_then(|_| words.next())?;
        found.chars().next().map(sign)
    }

    fn text(&mut self) -> Option<String> {
        let rest = self.rest.strip_prefix('{')?;
        let end = rest.find(['}', '{', '\\'])?;
        let text = rest[..end].replace('"', "\\\"");
        self.rest = rest[end..].strip_prefix('}')?;
        Some(format!("\"{}\"", text.replace(char::is_control, " ")))
    }

    /// `\left( … \right)`.
    fn fenced(&mut self) -> Option<String> {
        let open = self.fence()?;
        let inner = self.sequence(&["\\right"])?;
        self.rest = self.rest.strip_prefix("\\right")?;
        let close = self.fence()?;
        Some(format!("lr({open} {inner} {close})"))
    }

    fn fence(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            return Some("\"\"".to_owned());
        }
        self.atom().filter(|atom| atom.chars().count() <= 2)
    }

    /// `\begin{pmatrix} a & b \\ c & d \end{pmatrix}`.
    fn environment(&mut self) -> Option<String> {
        let rest = self.rest.strip_prefix('{')?;
        let (name, rest) = rest.split_once('}')?;
        self.rest = rest;
        let end = format!("\\end{{{name}}}");
        let delimiter = match name {
            "matrix" => "#none",
            "pmatrix" => "\"(\"",
            "bmatrix" => "\"[\"",
            "vmatrix" => "\"|\"",
            "cases" | "aligned" | "align" | "align*" | "gathered" | "split" => "",
            _ => return None,
        };
        let mut rows = vec![vec![]];
        loop {
            let cell = self.sequence(&["&", "\\\\", &end])?;
            rows.last_mut()?.push(if cell.is_empty() { "\"\"".to_owned() } else { cell });
            if let Some(rest) = self.rest.strip_prefix('&') {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix("\\\\") {
                self.rest = rest;
                rows.push(Vec::new());
            } else {
                self.rest = self.rest.strip_prefix(&end)?;
                break;
            }
        }
        let joined = |cells: &str, lines: &str| rows.iter().map(|row| row.join(cells)).collect::<Vec<_>>().join(lines);
        Some(match name {
            "cases" => format!("cases({})", joined(" & ", ", ")),
            _ if delimiter.is_empty() => joined(" & ", " \\ "),
            _ => format!("mat(delim: {delimiter}, {})", joined(", ", "; ")),
        })
    }
}

/// A character that is only itself.
fn sign(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_papers_use_is_set() {
        let formulas = [
            ("x^2 + y_{i+1}", "x^(2) \\+ y_(i \\+ 1)"),
            (r"\frac{a}{b} \leq \sqrt[3]{27}", "frac(a, b) ≤ root(3, 27)"),
            (r"\sum_{k=1}^n a_k", r"∑_(k \= 1)^(n) a_(k)"),
            (r"\left( x \right)", r"lr(\( x \))"),
            (r"\text{if } x", "\"if \" x"),
            (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "mat(delim: \"(\", a, b; c, d)"),
        ];
        for (latex, typst) in formulas {
            assert_eq!(formula(latex).as_deref(), Some(typst), "{latex}");
        }
    }

    #[test]
    fn nothing_in_a_formula_is_code() {
        for latex in
            ["#read(\"x\")", "a $ #x", "sys.version", "x(y: z, ..w; v)", r"\text{\#x}", r"\unknown", r"\frac{a", "}", r"\left(", "\"#x\""]
        {
            let Some(code) = formula(latex) else { continue };
            let root = typst::syntax::parse(&format!("$ {code} $"));
            assert!(!root.errors_and_warnings().0.iter().any(|_| true), "{code}");
            assert!(
                code.match_indices('#')
                    .all(|(at, _)| code[..at].ends_with('\\') || code[at..].starts_with("#true") || code[at..].starts_with("#none")),
                "{code}"
            );
        }
    }
}
