use super::rules::{Column, column, date, needed, optional, read, size_band};
use crate::kernel::{Code, Refusal};

const COLUMNS: &[Column] = &[needed("external_id"), needed("title"), needed("due_on"), optional("owner")];

#[test]
fn a_table_is_read() {
    let text = "\u{feff}title, due_on ,external_id\r\n\"Call, then \"\"write\"\"\",2026-04-01, A-1 \r\n\nVisit,,A-2\n";
    let lines = read(text, COLUMNS).expect("a table");
    let cells =
        |at: usize| ["external_id", "title", "due_on", "owner"].map(|name| lines[at].cell(name).to_owned());
    assert_eq!(cells(0), ["A-1", "Call, then \"write\"", "2026-04-01", ""].map(str::to_owned));
    assert_eq!(cells(1), ["A-2", "Visit", "", ""].map(str::to_owned));
    assert_eq!((lines.len(), lines[1].number, lines[1].cell_if("due_on")), (2, 2, None));
    assert!(lines.iter().all(|line| line.faults().is_empty()));
}

#[test]
fn what_is_no_table_is_refused_as_a_whole() {
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
        let refusals = read(text, COLUMNS).expect_err(text);
        let told: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        assert_eq!(told, messages, "{text}");
        assert!(refusals.iter().all(|refusal| refusal.path == ["input", "csv"]));
    }
    let long = |rows: usize| {
        let rows: String = (0..rows).map(|row| format!("{row},T,2026-04-01\n")).collect();
        read(&format!("external_id,title,due_on\n{rows}"), COLUMNS).map(|lines| lines.len())
    };
    assert_eq!(long(1_000), Ok(1_000));
    assert!(long(1_001).is_err());
}

#[test]
fn rows_have_faults_of_their_own() {
    let text = format!("external_id,title,due_on\nA,T\n,T,D\nA,T,D\n{},T,D\nB,T,D,more", "x".repeat(101));
    let lines = read(&text, COLUMNS).expect("a table");
    let told: Vec<Vec<&str>> =
        lines.iter().map(|line| line.faults().iter().map(|fault| fault.message.as_str()).collect()).collect();
    assert_eq!(
        told,
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
fn a_refusal_is_told_by_its_column() {
    for (path, expected) in [
        ("input.dueOn", Some("due_on")),
        ("input.title", Some("title")),
        ("input.ownerId", Some("owner")),
        ("input.externalId", Some("external_id")),
        ("input.teamId", None),
        ("input", None),
    ] {
        let refusal = Refusal::new(Code::Invalid, "").at(path);
        assert_eq!(column(&refusal, COLUMNS).as_deref(), expected, "{path}");
    }
    assert_eq!(column(&Refusal::new(Code::Invalid, ""), COLUMNS), None);
}

#[test]
fn cells_are_dates_and_size_bands() {
    for (text, good) in [("2026-04-01", true), ("1.4.2026", false), ("", false), ("2026-02-30", false)] {
        assert_eq!(date(text).is_ok(), good, "{text}");
    }
    for (text, good) in [("SMALL", true), ("enterprise", true), ("", false), ("tiny", false)] {
        assert_eq!(size_band(text).is_ok(), good, "{text}");
    }
}
