//! The elements of HTML that say something about text. Any other `<word>` is a word of the note and prints as it was
//! written, wherever notes are read.

/// In alphabetical order.
const KNOWN: &str = "a abbr address article aside b bdi bdo big blockquote br button caption center cite code col colgroup dd del details dfn \
    div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label li main mark nav ol p \
    picture pre q s samp script section small source span strike strong style sub summary sup table tbody td textarea tfoot th thead time tr \
    tt u ul var video wbr";

/// The name, in lower case, of the element whose opening or closing tag `source` begins with; `None` if that is no tag of
/// HTML.
pub fn html_element(source: &str) -> Option<&'static str> {
    let rest = source.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let name = rest[..length].to_ascii_lowercase();
    let after = rest[length..].chars().next()?;
    let ends = after == '>' || after == '/' || after.is_whitespace();
    KNOWN.split_whitespace().find(|known| ends && *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_of_html_are_elements() {
        assert_eq!(html_element("<BR/>"), Some("br"));
        assert_eq!(html_element("</td >x"), Some("td"));
        for text in ["<name of member>", "<x>", "<", "", "b", "<b", "<body>", "<a@b.c>", "<!-- b -->"] {
            assert_eq!(html_element(text), None, "{text}");
        }
    }
}
