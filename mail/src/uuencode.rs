//! Files that old programs write into the text itself: `begin 644 name`, lines of six-bit characters, `end`.

/// One such file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Enclosed {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Takes uuencoded files out of a text: what remains, and the files in their order.
pub(crate) fn cut(text: &str) -> (String, Vec<Enclosed>) {
    let mut found = Vec::new();
    if !text.contains("begin ") {
        return (text.to_owned(), found);
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        if let Some((enclosed, used)) = block(&lines[at..]) {
            found.push(enclosed);
            at += used;
        } else {
            kept.push(lines[at]);
            at += 1;
        }
    }
    if found.is_empty() { (text.to_owned(), found) } else { (kept.join("\n"), found) }
}

/// The file that begins at the first of these lines, and how many lines it takes.
fn block(lines: &[&str]) -> Option<(Enclosed, usize)> {
    let (mode, name) = lines.first()?.strip_prefix("begin ")?.split_once(' ')?;
    if !(3..=4).contains(&mode.len()) || !mode.bytes().all(|digit| (b'0'..b'8').contains(&digit)) {
        return None;
    }
    let mut bytes = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(1) {
        if line.trim_end() == "end" && index > 1 {
            return Some((Enclosed { name: crate::parse::one_line(name), bytes }, index + 1));
        }
        decode(line.as_bytes(), &mut bytes)?;
    }
    // Cut short: what is there, if it is more than a sentence that begins with "begin".
    (bytes.len() >= 45).then(|| (Enclosed { name: crate::parse::one_line(name), bytes }, lines.len()))
}

fn decode(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let value = |byte: u8| (0x20..=0x60).contains(&byte).then(|| (byte - 0x20) & 63);
    let Some((length, data)) = line.split_first() else { return Some(()) };
    let length = usize::from(value(*length)?);
    // Trailing blanks may have been trimmed; a check character may follow.
    if data.len() > length.div_ceil(3) * 4 + 2 {
        return None;
    }
    let sextets: Vec<u8> = data.iter().map(|byte| value(*byte)).collect::<Option<_>>()?;
    let sextet = |at: usize| sextets.get(at).copied().unwrap_or_default();
    for n in 0..length {
        let (group, part) = (n / 3 * 4, n % 3);
        out.push(match part {
            0 => sextet(group) << 2 | sextet(group + 1) >> 4,
            1 => sextet(group + 1) << 4 | sextet(group + 2) >> 2,
            _ => sextet(group + 2) << 6 | sextet(group + 3),
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_text_is_taken_out_and_decoded() {
        let (text, files) = cut("See the file.\nbegin 644 cat.txt\n#0V%T\n`\nend\nThanks");
        assert_eq!(text, "See the file.\nThanks");
        assert_eq!(files, [Enclosed { name: "cat.txt".to_owned(), bytes: b"Cat".to_vec() }]);
    }

    #[test]
    fn a_sentence_is_no_file() {
        for text in ["begin 644 things\nand go on", "begin with this", "begin 900 x\n#0V%T\nend"] {
            assert_eq!(cut(text), (text.to_owned(), Vec::new()));
        }
    }
}
