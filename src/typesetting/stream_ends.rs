//! Unmistakable ends of the streams in a PDF.
//!
//! A compressed stream may end in the byte 13. Followed by the line feed before `endstream` it looks like a line end of
//! two bytes, and a reader that measures streams by their ends finds one byte less than `Length` says; a checker of
//! PDF/A (ISO 19005-3, 6.1.7.1) then reports the file, about one in twelve. There the line end is written as carriage
//! return and line feed (ISO 32000-1, 7.3.8.1 allows both), which can be read in one way only.

/// The end of an object that is a stream whose last byte is a carriage return, as Typst writes it.
const DOUBTFUL_END: &[u8] = b"\r\nendstream\nendobj";
/// An entry of the cross-reference table is 20 bytes: offset, generation, kind, line end (ISO 32000-1, 7.5.4).
const ENTRY_BYTES: usize = 20;

/// Writes doubtful stream ends anew and moves the offsets behind them. A file whose structure is not the one that Typst
/// writes is given back as it is.
pub(super) fn unmistakable(pdf: Vec<u8>) -> Vec<u8> {
    match rewritten(&pdf) {
        Some(rewritten) => rewritten,
        None => pdf,
    }
}

fn rewritten(pdf: &[u8]) -> Option<Vec<u8>> {
    let table = Table::of(pdf)?;
    let inserts = table.doubtful_ends(pdf);
    if inserts.is_empty() {
        return None;
    }
    let moved = |offset: usize| offset + inserts.partition_point(|&at| at < offset);

    let mut out = Vec::with_capacity(pdf.len() + inserts.len());
    let mut from = 0;
    for &at in &inserts {
        out.extend_from_slice(&pdf[from..at]);
        out.push(b'\r');
        from = at;
    }
    out.extend_from_slice(&pdf[from..table.entries]);
    for entry in pdf[table.entries..table.end].chunks(ENTRY_BYTES) {
        match used_offset(entry) {
            Some(offset) => out.extend_from_slice(format!("{:010}", moved(offset)).as_bytes()),
            None => out.extend_from_slice(&entry[..10]),
        }
        out.extend_from_slice(&entry[10..]);
    }
    out.extend_from_slice(&pdf[table.end..table.startxref]);
    out.extend_from_slice(format!("startxref\n{}\n%%EOF", moved(table.start)).as_bytes());
    Some(out)
}

/// Where the cross-reference table stands.
struct Table {
    start: usize,
    entries: usize,
    end: usize,
    startxref: usize,
}

impl Table {
    fn of(pdf: &[u8]) -> Option<Self> {
        let startxref = pdf.windows(9).rposition(|window| window == b"startxref")?;
        let tail = std::str::from_utf8(&pdf[startxref..]).ok()?;
        let start: usize = tail.strip_prefix("startxref\n")?.strip_suffix("\n%%EOF")?.parse().ok()?;
        let head = pdf.get(start..startxref)?.strip_prefix(b"xref\n")?;
        let line_end = head.iter().position(|&byte| byte == b'\n')?;
        let (first, count) = std::str::from_utf8(&head[..line_end]).ok()?.split_once(' ')?;
        let count: usize = count.trim().parse().ok()?;
        let entries = start + 5 + line_end + 1;
        let end = entries + count.checked_mul(ENTRY_BYTES)?;
        (first == "0" && pdf.get(end..startxref)?.starts_with(b"trailer")).then_some(Self { start, entries, end, startxref })
    }

    /// Where a carriage return has to be put in: between the last byte of a stream and its line end. Found from the ends of
    /// objects, since a stream may hold the same bytes.
    fn doubtful_ends(&self, pdf: &[u8]) -> Vec<usize> {
        let mut ends: Vec<usize> = pdf[self.entries..self.end].chunks(ENTRY_BYTES).filter_map(used_offset).chain([self.start]).collect();
        ends.sort_unstable();
        let objects = ends.windows(2).filter_map(|pair| Some((pair[0], pdf.get(pair[0]..pair[1])?)));
        objects
            .filter_map(|(start, object)| {
                let trimmed = object.trim_ascii_end();
                trimmed.ends_with(DOUBTFUL_END).then(|| start + trimmed.len() - DOUBTFUL_END.len() + 1)
            })
            .collect()
    }
}

/// The offset in an entry that is in use.
fn used_offset(entry: &[u8]) -> Option<usize> {
    let used = entry.get(17) == Some(&b'n');
    std::str::from_utf8(entry.get(..10)?).ok()?.parse().ok().filter(|_| used)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one stream, laid out as Typst lays out its files.
    fn file(stream: &[u8], end: &[u8]) -> Vec<u8> {
        let mut pdf = b"%PDF-1.7\n1 0 obj\n<</Length 3>>\nstream\n".to_vec();
        pdf.extend_from_slice(stream);
        pdf.extend_from_slice(end);
        let second = pdf.len();
        pdf.extend_from_slice(b"2 0 obj\n<<>>\nendobj\n\n");
        let start = pdf.len();
        pdf.extend_from_slice(format!("xref\n0 3\n0000000000 65535 f\r\n{:010} 00000 n\r\n{second:010} 00000 n\r\n", 9).as_bytes());
        pdf.extend_from_slice(format!("trailer\n<</Size 3>>\nstartxref\n{start}\n%%EOF").as_bytes());
        pdf
    }

    #[test]
    fn a_stream_that_ends_in_a_carriage_return_gets_a_line_end_of_two_bytes() {
        let doubtful = file(b"ab\r", b"\nendstream\nendobj\n\n");
        assert_eq!(unmistakable(doubtful), file(b"ab\r", b"\r\nendstream\nendobj\n\n"));
    }

    #[test]
    fn any_other_file_stays_as_it_is() {
        let within = file(b"\r\nendstream\nendobj\n", b"\nendstream\nendobj\n\n");
        for pdf in [file(b"abc", b"\nendstream\nendobj\n\n"), within, b"no pdf".to_vec(), b"startxref\n99999\n%%EOF".to_vec()] {
            assert_eq!(unmistakable(pdf.clone()), pdf);
        }
    }
}
