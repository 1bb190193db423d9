//! Which package of Debian and Ubuntu has a font: by the script of a character, or by the name of a family.

/// Scripts whose fonts a Debian package has: first and last character, script, package.
const BY_SCRIPT: &[(u32, u32, &str, &str)] = &[
    (0x0530, 0x058f, "Armenian", "fonts-noto-core"),
    (0x0700, 0x074f, "Syriac", "fonts-noto-core"),
    (0x0980, 0x0dff, "Indic", "fonts-noto-core"),
    (0x0e80, 0x0eff, "Lao", "fonts-noto-core"),
    (0x0f00, 0x0fff, "Tibetan", "fonts-noto-core"),
    (0x1000, 0x109f, "Burmese", "fonts-noto-core"),
    (0x10a0, 0x10ff, "Georgian", "fonts-noto-core"),
    (0x1100, 0x11ff, "Korean", "fonts-noto-cjk"),
    (0x1200, 0x139f, "Ethiopic", "fonts-noto-core"),
    (0x1780, 0x17ff, "Khmer", "fonts-noto-core"),
    (0x2e80, 0x9fff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0xac00, 0xd7ff, "Korean", "fonts-noto-cjk"),
    (0xf900, 0xfaff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0x1f000, 0x1faff, "emoji", "fonts-noto-color-emoji"),
    (0x20000, 0x3ffff, "rare Chinese", "fonts-noto-cjk"),
];

/// How the names of families begin, in lower case, and their package; the longest beginning counts.
const BY_FAMILY: &[(&str, &str)] = &[
    ("amiri", "fonts-hosny-amiri"),
    ("ar pl ukai", "fonts-arphic-ukai"),
    ("ar pl uming", "fonts-arphic-uming"),
    ("biz udgothic", "fonts-morisawa-bizud-gothic"),
    ("biz udmincho", "fonts-morisawa-bizud-mincho"),
    ("biz udpgothic", "fonts-morisawa-bizud-gothic"),
    ("biz udpmincho", "fonts-morisawa-bizud-mincho"),
    ("cardo", "fonts-cardo"),
    ("carlito", "fonts-crosextra-carlito"),
    ("charis sil", "fonts-sil-charis"),
    ("david clm", "culmus"),
    ("dejavu", "fonts-dejavu"),
    ("eb garamond", "fonts-ebgaramond"),
    ("ezra sil", "fonts-sil-ezra"),
    ("fandol", "texlive-lang-chinese"),
    ("frank ruehl clm", "culmus"),
    ("garuda", "fonts-tlwg-garuda-ttf"),
    ("gentium plus", "fonts-sil-gentiumplus"),
    ("inter", "fonts-inter"),
    ("ipaex", "fonts-ipaexfont-mincho"),
    ("junicode", "fonts-junicode"),
    ("laksaman", "fonts-tlwg-laksaman-otf"),
    ("lato", "fonts-lato"),
    ("liberation", "fonts-liberation2"),
    ("linux libertine", "fonts-linuxlibertine"),
    ("lohit devanagari", "fonts-lohit-deva"),
    ("lxgw wenkai", "fonts-lxgw-wenkai"),
    ("miriam clm", "culmus"),
    ("nanum", "fonts-nanum"),
    ("noto", "fonts-noto-core"),
    ("noto color emoji", "fonts-noto-color-emoji"),
    ("noto sans cjk", "fonts-noto-cjk"),
    ("noto serif cjk", "fonts-noto-cjk"),
    ("open sans", "fonts-open-sans"),
    ("scheherazade", "fonts-sil-scheherazade"),
    ("tex gyre", "fonts-texgyre"),
    ("unbatang", "fonts-unfonts-core"),
    ("undotum", "fonts-unfonts-core"),
    ("wenquanyi zen hei", "fonts-wqy-zenhei"),
];

/// The script of a character, in words, and a package with a font for it.
pub(super) fn of_character(c: char) -> Option<(&'static str, &'static str)> {
    let found = BY_SCRIPT.iter().find(|(first, last, ..)| (*first..=*last).contains(&(c as u32)));
    found.map(|(_, _, script, package)| (*script, *package))
}

/// The package that has a family.
pub(super) fn of_family(family: &str) -> Option<&'static str> {
    let family = family.to_lowercase();
    let known = BY_FAMILY.iter().filter(|(beginning, _)| family.starts_with(beginning));
    known.max_by_key(|(beginning, _)| beginning.len()).map(|(_, package)| *package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_names_the_package() {
        assert_eq!(of_family("Noto Sans CJK JP"), Some("fonts-noto-cjk"));
        assert_eq!(of_family("Noto Serif Bengali"), Some("fonts-noto-core"));
        assert_eq!(of_family("Times New Roman"), None);
        assert_eq!(of_character('서'), Some(("Korean", "fonts-noto-cjk")));
    }
}
