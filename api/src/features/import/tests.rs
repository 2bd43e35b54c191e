use super::{
    rules::{Column, column_of, optional, parse_date, parse_rows, parse_size_band, required},
    table::{MAX_BYTES, file_text},
};
use crate::kernel::{Code, Refusal};
use base64::{Engine, engine::general_purpose::STANDARD};

const COLUMNS: &[Column] =
    &[required("external_id"), required("title"), required("due_on"), optional("owner")];

#[test]
fn a_table_is_read() {
    let text = "\u{feff}title, due_on ,external_id\r\n\"Call, then \"\"write\"\"\",2026-04-01, A-1 \r\n\nVisit,,A-2\n";
    let lines = parse_rows(text, COLUMNS).expect("a table");
    let cells =
        |at: usize| ["external_id", "title", "due_on", "owner"].map(|name| lines[at].cell(name).to_owned());
    assert_eq!(cells(0), ["A-1", "Call, then \"write\"", "2026-04-01", ""].map(str::to_owned));
    assert_eq!(cells(1), ["A-2", "Visit", "", ""].map(str::to_owned));
    assert_eq!((lines.len(), lines[1].number, lines[1].cell_if("due_on")), (2, 4, None));
    assert!(lines.iter().all(|line| line.faults().is_empty()));
}

/// External ids and titles, with the lines at which their rows begin.
fn parsed_rows(text: &str) -> Vec<(i32, String, String)> {
    let lines = parse_rows(text, COLUMNS).unwrap_or_else(|refusals| panic!("{text:?}: {refusals:?}"));
    assert!(lines.iter().all(|line| line.faults().is_empty()), "{text:?}: {lines:?}");
    lines
        .iter()
        .map(|line| (line.number, line.cell("external_id").into(), line.cell("title").into()))
        .collect()
}

#[test]
fn tables_of_other_programs_are_read() {
    let row = |line, id: &str, title: &str| (line, id.to_owned(), title.to_owned());
    let two = |first, second| vec![row(first, "A", "One"), row(second, "B", "Two, then three")];
    for (text, expected) in [
        ("external_id,title,due_on\nA,One,D\nB,\"Two, then three\",D\n", two(2, 3)),
        ("External_ID, TITLE ,\u{a0}Due on\u{a0}\r\nA,One,D\r\nB,\"Two, then three\",D\r\n", two(2, 3)),
        ("external_id;title;due_on\rA;One;D\rB;Two, then three;D", two(2, 3)),
        ("external_id\ttitle\tdue_on\n\nA\tOne\tD\nB\tTwo, then three\tD", two(3, 4)),
        ("SEP=;\nexternal_id;title;due_on\nA;One;D\nB;Two, then three;D", two(3, 4)),
        ("sep=|\r\nexternal_id|title|due_on\r\nA|One|D\r\nB|Two, then three|D", two(3, 4)),
        ("external_id,title,due_on,\nA,One,D,\nB,\"Two, then three\",D,\n,,,\n", two(2, 3)),
        ("external_id,title,due_on\nA,One,D,,\n , ,\n\"\",,\nB, \"Two, then three\" ,D,\n,,,\n", two(2, 5)),
        (
            "external_id,title,due_on\nA,\"One\r\nmore\",D\nB,\"\"\"Two\"\"\",D",
            vec![row(2, "A", "One\r\nmore"), row(4, "B", "\"Two\"")],
        ),
    ] {
        assert_eq!(parsed_rows(text), expected, "{text:?}");
    }
}

#[test]
fn an_ambiguous_table_is_refused_with_its_line() {
    for (text, message) in [
        (
            "external_id,title,due_on\nA,\"One,D\nB,Two,D\n",
            "The quotation mark that opens on line 2 is never closed.",
        ),
        (
            "external_id,title,due_on\nA,One,D\nB,\"Two,D\nC,Three \"big\" ones,D\n",
            "Line 4: text stands behind the quotation mark that closes a cell. The cell opens on line 3; double each \
             quotation mark inside it.",
        ),
        (
            "external_id,title,due_on\nA,\"One\" x,D",
            "Line 2: text stands behind the quotation mark that closes a cell. The cell opens on line 2; double each \
             quotation mark inside it.",
        ),
        (
            "external_id,title,due_on\n\nA,a 5\" pipe,D",
            "Line 3: a quotation mark stands inside a cell. Put the whole cell in quotation marks, and double the one \
             inside.",
        ),
    ] {
        let refusals = parse_rows(text, COLUMNS).expect_err(text);
        assert_eq!(refusals.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>(), [message]);
        assert_eq!(refusals[0].path, ["input", "csv"]);
    }
}

#[test]
fn bytes_are_utf_8_or_utf_16() {
    let content = "external_id;title\nÄ;Łódź 東京\n";
    let wide = |mark: bool, big: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(content.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for bytes in [
        content.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", content.as_bytes()].concat(),
        wide(true, false),
        wide(true, true),
        wide(false, false),
        wide(false, true),
    ] {
        let encoded = STANDARD.encode(&bytes);
        for given in [encoded.clone(), encoded.replace('=', ""), format!("data:text/csv;base64,{encoded}")] {
            assert_eq!(file_text(None, Some(&given)), Ok(content.to_owned()), "{given}");
        }
    }
    for (csv, bytes, message) in [
        (
            None,
            Some(STANDARD.encode(b"external_id,\xc4")),
            "The file is neither UTF-8 nor UTF-16. Save it as CSV UTF-8.",
        ),
        (None, Some("*".to_owned()), "This is no base64."),
        (None, None, "Give the file either as `csv` or as `csvBase64`."),
        (Some("a"), Some(String::new()), "Give the file either as `csv` or as `csvBase64`."),
        (Some("a\nb\0"), None, "Line 2 contains a NUL character. Save the file as CSV UTF-8."),
    ] {
        let refusal = file_text(csv.map(str::to_owned), bytes.as_deref()).expect_err(message);
        assert_eq!(refusal.message, message);
    }
    assert!(file_text(Some("x".repeat(MAX_BYTES)), None).is_ok());
    assert!(file_text(Some("x".repeat(MAX_BYTES + 1)), None).is_err());
}

#[test]
fn a_file_without_a_table_is_refused() {
    for (text, messages) in [
        (
            "",
            &[
                "The column external_id is missing.",
                "The column title is missing.",
                "The column due_on is missing.",
            ][..],
        ),
        ("external_id,title,due_on", &["There is no row below the header."]),
        (
            "external_id,title,title,colour,due_on\nA,B,C,D,E",
            &[
                "The column title is there twice.",
                "There is no column \"colour\". Columns are external_id, title, due_on, owner.",
            ],
        ),
    ] {
        let refusals = parse_rows(text, COLUMNS).expect_err(text);
        let given_messages: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        assert_eq!(given_messages, messages, "{text}");
        assert!(refusals.iter().all(|refusal| refusal.path == ["input", "csv"]));
    }
    let long = |rows: usize| {
        let rows: String = (0..rows).map(|row| format!("{row},T,2026-04-01\n")).collect();
        parse_rows(&format!("external_id,title,due_on\n{rows}"), COLUMNS).map(|lines| lines.len())
    };
    assert_eq!(long(1_000), Ok(1_000));
    assert!(long(1_001).is_err());
}

#[test]
fn each_row_has_its_own_faults() {
    let text = format!("external_id,title,due_on\nA,T\n,T,D\nA,T,D\n{},T,D\nB,T,D,more", "x".repeat(101));
    let lines = parse_rows(&text, COLUMNS).expect("a table");
    let found: Vec<Vec<&str>> =
        lines.iter().map(|line| line.faults().iter().map(|fault| fault.message.as_str()).collect()).collect();
    assert_eq!(
        found,
        [
            vec!["The row has 2 cells, and the header 3."],
            vec!["An external id has 1 to 100 characters."],
            vec!["An earlier row has this external id."],
            vec!["An external id has 1 to 100 characters."],
            vec!["The row has 4 cells, and the header 3."],
        ]
    );
}

#[test]
fn a_refusal_names_its_column() {
    for (path, expected) in [
        ("input.dueOn", Some("due_on")),
        ("input.title", Some("title")),
        ("input.ownerId", Some("owner")),
        ("input.externalId", Some("external_id")),
        ("input.teamId", None),
        ("input", None),
    ] {
        let refusal = Refusal::new(Code::Invalid, "").at(path);
        assert_eq!(column_of(&refusal, COLUMNS).as_deref(), expected, "{path}");
    }
    assert_eq!(column_of(&Refusal::new(Code::Invalid, ""), COLUMNS), None);
}

#[test]
fn cells_are_dates_and_size_bands() {
    for (text, good) in [("2026-04-01", true), ("1.4.2026", false), ("", false), ("2026-02-30", false)] {
        assert_eq!(parse_date(text).is_ok(), good, "{text}");
    }
    for (text, good) in [("SMALL", true), ("enterprise", true), ("", false), ("tiny", false)] {
        assert_eq!(parse_size_band(text).is_ok(), good, "{text}");
    }
}
