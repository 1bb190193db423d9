//! What the commands of LaTeX are called in Typst, as far as office papers use them.

/// Commands that stand for a character.
const SIGNS: &str = "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ \
    omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ \
    Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω times × div ÷ cdot ⋅ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ leq ≤ le ≤ \
    leqslant ⩽ geq ≥ ge ≥ geqslant ⩾ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ asymp ≍ doteq ≐ coloneqq ≔ propto ∝ ll ≪ gg ≫ \
    prec ≺ succ ≻ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ cup ∪ cap ∩ bigcup ⋃ bigcap ⋂ setminus ∖ emptyset ∅ \
    varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ top ⊤ bot ⊥ vdash ⊢ models ⊨ to → gets ← \
    rightarrow → leftarrow ← leftrightarrow ↔ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ \
    Longleftrightarrow ⟺ Rightarrow ⇒ implies ⟹ Leftarrow ⇐ impliedby ⟸ Leftrightarrow ⇔ iff ⟺ mapsto ↦ longmapsto ⟼ uparrow ↑ downarrow ↓ \
    updownarrow ↕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightleftharpoons ⇌ hookrightarrow ↪ sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ \
    oint ∮ infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ angle ∠ triangle △ square □ blacksquare ■ diamond ⋄ perp ⊥ parallel ∥ \
    mid ∣ prime ′ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ therefore ∴ because ∵ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ \
    lvert | rvert | vert | Vert ‖ lVert ‖ rVert ‖ lbrace { rbrace } lbrack [ rbrack ] oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ dagger † ddagger ‡ \
    degree ° checkmark ✓ pounds £ euro € yen ¥ copyright © S § P ¶ colon : backslash \\";

/// Functions, set upright; those before the bar have their limits below.
const FUNCTIONS: &str = "lim limsup liminf max min sup inf det gcd argmax argmin Pr | sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh \
    coth exp ln log lg deg dim ker hom arg mod bmod";

/// Commands around one group, and Typst's names for them.
const AROUND: &[(&str, &str)] = &[
    ("sqrt", "sqrt"),
    ("hat", "hat"),
    ("widehat", "hat"),
    ("bar", "macron"),
    ("vec", "arrow"),
    ("overrightarrow", "arrow"),
    ("overleftarrow", "arrow.l"),
    ("dot", "dot"),
    ("ddot", "dot.double"),
    ("tilde", "tilde"),
    ("widetilde", "tilde"),
    ("acute", "acute"),
    ("grave", "grave"),
    ("check", "caron"),
    ("breve", "breve"),
    ("overline", "overline"),
    ("underline", "underline"),
    ("overbrace", "overbrace"),
    ("underbrace", "underbrace"),
    ("cancel", "cancel"),
    ("mathbf", "bold"),
    ("boldsymbol", "bold"),
    ("bm", "bold"),
    ("mathbb", "bb"),
    ("mathcal", "cal"),
    ("mathscr", "scr"),
    ("mathfrak", "frak"),
    ("mathit", "italic"),
    ("mathsf", "sans"),
    ("mathtt", "mono"),
    ("abs", "abs"),
    ("norm", "norm"),
];

/// Commands that change only how large or where something is set.
const WITHOUT_A_SIGN: &str = "displaystyle textstyle scriptstyle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr Biggl Biggr notag nonumber \
    hline hfill centering rm";

/// What a command is.
pub(super) enum Named {
    Sign(char),
    Function { has_limits: bool },
    Around(&'static str),
    Nothing,
}

/// What is known of a command.
pub(super) fn named(name: &str) -> Option<Named> {
    let is_among = |words: &str| words.split_whitespace().any(|word| word == name);
    if let Some((_, typst)) = AROUND.iter().find(|(latex, _)| *latex == name) {
        return Some(Named::Around(typst));
    }
    if is_among(WITHOUT_A_SIGN) {
        return Some(Named::Nothing);
    }
    let (with_limits, others) = FUNCTIONS.split_once('|')?;
    if is_among(with_limits) || is_among(others) {
        return Some(Named::Function { has_limits: is_among(with_limits) });
    }
    let words: Vec<&str> = SIGNS.split_whitespace().collect();
    let (_, sign) = words.chunks(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).find(|(latex, _)| *latex == name)?;
    sign.chars().next().map(Named::Sign)
}
