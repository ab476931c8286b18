//! For tests: the non-blank lines of a file, counted from its bytes without the readers under test.

/// Non-blank lines as cells; `None` where the line is not UTF-8.
pub(in crate::sources::tso500) fn raw_lines(bytes: &[u8]) -> Vec<Option<Vec<String>>> {
    let mut bytes = bytes.to_vec();
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    if !bytes.contains(&b'\n') {
        bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let mut lines = vec![Vec::new()];
    for byte in bytes {
        if byte == b'\n' {
            lines.push(Vec::new());
        } else {
            lines.last_mut().unwrap().push(byte);
        }
    }
    lines
        .into_iter()
        .map(|line| String::from_utf8(line).ok().map(|text| cells(&text)))
        .filter(|line| !blank(line))
        .collect()
}

/// The name in a line that is nothing but `[name]`.
pub(in crate::sources::tso500) fn head(line: &Option<Vec<String>>) -> Option<String> {
    let cells = line.as_ref()?;
    let rest_is_empty = cells[1..].iter().all(String::is_empty);
    (rest_is_empty && cells[0].len() >= 2 && cells[0].starts_with('[') && cells[0].ends_with(']'))
        .then(|| cells[0].trim_start_matches('[').trim_end_matches(']').trim().to_owned())
}

fn cells(text: &str) -> Vec<String> {
    let unquoted = |cell: &str| match cell.len() >= 2 && cell.starts_with('"') && cell.ends_with('"') {
        true => cell[1..cell.len() - 1].replace("\"\"", "\"").trim().to_owned(),
        false => cell.to_owned(),
    };
    text.split('\t').map(|cell| unquoted(cell.trim())).collect()
}

fn blank(line: &Option<Vec<String>>) -> bool {
    line.as_ref().is_some_and(|cells| cells.iter().all(String::is_empty))
}

/// The bytes as UTF-8, where the format allows ISO-8859-1 too.
pub(in crate::sources::tso500) fn decoded(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes(),
    }
}

/// How many lines of a table with `#` comments are rows: all but the line of column names, which begins with `first`.
pub(in crate::sources::tso500) fn table_rows(bytes: &[u8], first: &str) -> usize {
    let lines = raw_lines(&decoded(bytes));
    let is_head = |cells: &[String]| cells[0].trim_start_matches('#').trim().eq_ignore_ascii_case(first);
    let is_comment = |cells: &[String]| cells[0].starts_with('#') || cells[0].starts_with("\"#");
    let head = lines.iter().flatten().find(|cells| !is_comment(cells) || is_head(cells));
    lines.len() - usize::from(head.is_some_and(|cells| is_head(cells)))
}
