//! Parts in languages of their own, and passages side by side.

use super::{printed, written, written_with};
use crate::composition::writer::Manner;
use crate::model::Language;

/// A note in English and Chinese as Typst markup.
fn bilingual(markdown: &str) -> String {
    let languages = ["en", "zh"].map(|tag| Language(tag.to_owned()));
    written_with(markdown, Manner { first_line: Some(1), languages: Some(&languages), ..Manner::default() }).0
}

#[test]
fn passages_that_follow_each_other_stand_side_by_side() {
    let pair = "<div lang=\"en\">\n\nOne.\n\nTwo.\n\n</div>\n<div lang=\"zh\">\n\n一。\n\n二。\n\n</div>\n";
    let beside = r##"#beside("en", ((0, [#"One."#parbreak()
]), (0, [#"Two."#parbreak()
]), ), "zh", ((0, [#"一。"#parbreak()
]), (0, [#"二。"#parbreak()
]), ))"##;
    assert!(bilingual(pair).contains(beside), "{}", bilingual(pair));
    // An empty line or a comment between them, the tags on lines of their own or not, and the other order.
    let others = [
        pair.replace("</div>\n<div", "</div>\n\n<!-- the same -->\n\n<div"),
        pair.replace("\n\nOne.", "One.").replace("二。\n\n", "二。"),
        "<div lang=\"zh-CN\">\n\n一。\n\n二。\n\n</div>\n\n<div lang=en>\n\nOne.\n\nTwo.\n\n</div>\n".to_owned(),
    ];
    for other in others {
        let code = bilingual(&other);
        assert!(code.contains("#beside(\"en\", ((0, [") && !code.contains("#passage("), "{other}\n{code}");
        assert_eq!(printed(&code).replace(['\n', ' '], "").replace("zh-CN", "zh"), "enOne.Two.zh一。二。", "{other}");
    }
}

#[test]
fn other_passages_stand_one_after_the_other() {
    let one = "<div lang=\"en\">\n\nOne.\n\n</div>\n\n";
    let other = "<div lang=\"zh\">\n\n一。\n\n</div>\n\n";
    let alone = |markdown: &str| {
        let code = bilingual(markdown);
        assert!(!code.contains("#beside("), "{markdown}\n{code}");
        code
    };
    assert!(alone(one).contains("#passage(\"en\", ((0, [#\"One.\"#parbreak()\n]), ))"));
    assert_eq!(alone(&format!("{one}Words between.\n\n{other}")).matches("#passage(").count(), 2);
    assert_eq!(alone(&format!("{one}{}", one.replace("One", "Two"))).matches("#passage(").count(), 2);
    assert_eq!(alone(&format!("{one}{}", other.replace("zh", "fr"))).matches("#passage(").count(), 2);
    // A table that is too wide for half the page.
    let wide = "| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 | 6 |";
    assert_eq!(alone(&format!("{one}{}", other.replace("一。", wide))).matches("#passage(").count(), 2);
    // In a document of one language nothing stands side by side.
    assert!(!written(&format!("{one}{other}")).contains("#beside("));
}

#[test]
fn languages_are_honoured_anywhere_and_slips_lose_nothing() {
    assert!(bilingual("A <span lang=\"fr\">*bon* mot</span>.").contains("#span-in(\"fr\")[#emph[#\"bon\"]#\" mot\"]"));
    assert!(bilingual("- a\n\n  <div lang=\"zh\">\n\n  一\n\n  </div>\n").contains("#blocks-in(\"zh\")["));
    let printing = |markdown: &str| printed(&bilingual(markdown)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(printing("<div lang=\"en\">\n\nOne.\n\nTwo.\n"), "One. Two.");
    assert_eq!(printing("One.\n\n</div>\n\nTwo.\n"), "One. Two.");
    assert_eq!(printing("A <span lang=\"fr\">open\n\nTwo.\n"), "A fropen Two.");
    assert_eq!(printing("<div lang=\"en\"><div>\n\nOne.\n\n</div>Two.</div>\n"), "en One. Two.");
    assert_eq!(printing("<div lang=\"no such thing!\">\n\nOne.\n\n</div>\n"), "One.");
    assert_eq!(printing("<div lang=\"en\">\n\n</div>\n<div lang=\"zh\">\n\n一\n\n</div>\n"), "zh一");
}
