//! Rows → answer: the bytes of the JSON, straight from the cells.

use super::{
    arg::{Source, items},
    basis::Values,
    page,
    plan::{EdgePart, InfoPart, Node, Out, PagePart, Paged, Plan, What},
    rows::{CellView, Rows, integer},
    shape::{Ty, parse_id},
};
use crate::{access::Actor, error::Fault};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// Writes the answer of a plan's roots: the inside of `data`'s braces. Returns how many objects it holds.
pub fn roots(
    plan: &Plan,
    rows: Vec<Rows>,
    actor: &Actor,
    values: &Values<'_>,
    out: &mut Vec<u8>,
) -> Result<u32, Fault> {
    let answer = Answer::new(plan, rows, actor, values);
    answer.fields(&plan.roots, None, out)?;
    Ok(answer.objects.into_inner())
}

/// Writes the one object of a payload's plan; `null` where it is not there.
pub fn object(
    plan: &Plan,
    rows: Vec<Rows>,
    actor: &Actor,
    values: &Values<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let answer = Answer::new(plan, rows, actor, values);
    match plan.roots.first() {
        Some(root) => answer.what(&root.what, None, out),
        None => Err(Fault::Internal),
    }
}

struct Answer<'a> {
    rows: Vec<Rows>,
    /// For each statement, its rows by key, in the order they came.
    groups: Vec<Vec<(u128, u32)>>,
    actor: &'a Actor,
    values: &'a Values<'a>,
    /// Objects written so far.
    objects: AtomicU32,
}

/// A row of a statement.
type At = Option<(usize, usize)>;

impl<'a> Answer<'a> {
    fn new(plan: &Plan, rows: Vec<Rows>, actor: &'a Actor, values: &'a Values<'a>) -> Self {
        let groups = plan
            .statements
            .iter()
            .zip(&rows)
            .map(|(statement, rows)| {
                if !statement.grouped {
                    return vec![];
                }
                let mut group: Vec<(u128, u32)> =
                    (0..rows.len()).filter_map(|row| rows.key(row, 0).map(|key| (key, row as u32))).collect();
                group.sort_by_key(|(key, _)| *key);
                group
            })
            .collect();
        Answer { rows, groups, actor, values, objects: AtomicU32::new(0) }
    }

    /// Opens an object, and counts it.
    fn begin(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.objects.fetch_add(1, Ordering::Relaxed);
    }

    fn fields(&self, outs: &[Out], at: At, out: &mut Vec<u8>) -> Result<(), Fault> {
        for (place, field) in outs.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(&field.prefix);
            self.what(&field.what, at, out)?;
        }
        Ok(())
    }

    fn object(&self, outs: &[Out], at: At, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.begin(out);
        self.fields(outs, at, out)?;
        out.push(b'}');
        Ok(())
    }

    fn what(&self, what: &What, at: At, out: &mut Vec<u8>) -> Result<(), Fault> {
        match what {
            What::Null => null(out),
            What::Typename(name) => string(name.as_bytes(), out),
            What::Prepared(key) => {
                let found = self.values.prepared.and_then(|values| values.get(key.as_str()));
                serde_json::to_writer(&mut *out, found.ok_or(Fault::Internal)?)
                    .map_err(|_| Fault::Internal)?;
            }
            What::FromRequest(say) => out.extend_from_slice(say(self.actor, &self.values.spent).as_bytes()),
            What::Virtual(outs) => self.object(outs, at, out)?,
            What::Value(column, ty) => {
                let (statement, row) = at.ok_or(Fault::Internal)?;
                value(self.rows[statement].cell(row, *column), *ty, out);
            }
            What::AnyId { noun, id } => self.any_id(*noun, *id, at, out)?,
            What::Subject { noun, id, nodes } => self.subject(*noun, *id, nodes, at, out)?,
            What::Joined { present, null, outs } => {
                let (statement, row) = at.ok_or(Fault::Internal)?;
                match self.rows[statement].cell(row, *present) {
                    CellView::Null => missing(*null, out)?,
                    _ => self.object(outs, at, out)?,
                }
            }
            What::Row { key, statement, null, outs } => match self.below(*key, *statement, at).next() {
                Some(row) => self.object(outs, Some((*statement, row)), out)?,
                None => missing(*null, out)?,
            },
            What::Rows { key, statement, outs } => {
                let rows = self.below(*key, *statement, at);
                self.list(rows, outs, *statement, out)?;
            }
            What::Page(page) => self.page(page, at, out)?,
            What::Nodes { ids, kinds } => self.nodes(ids, kinds, out)?,
        }
        Ok(())
    }

    fn list(
        &self,
        rows: impl Iterator<Item = usize>,
        outs: &[Out],
        statement: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        out.push(b'[');
        for (place, row) in rows.enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.object(outs, Some((statement, row)), out)?;
        }
        out.push(b']');
        Ok(())
    }

    /// The rows of a statement that belong below the row at `at`.
    fn below(&self, key: Option<usize>, statement: usize, at: At) -> impl Iterator<Item = usize> {
        let (all, group): (usize, &[(u128, u32)]) = match (key, at) {
            (Some(column), Some((above, row))) => match self.rows[above].key(row, column) {
                Some(key) => {
                    let group = &self.groups[statement];
                    let from = group.partition_point(|(other, _)| *other < key);
                    let count = group[from..].partition_point(|(other, _)| *other == key);
                    (0, &group[from..from + count])
                }
                None => (0, &[]),
            },
            _ => (self.rows[statement].len(), &[]),
        };
        (0..all).chain(group.iter().map(|(_, row)| *row as usize))
    }

    fn nodes(
        &self,
        ids: &Source,
        kinds: &[(entity::Table, usize, Vec<Out>)],
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let ids = ids.value(self.values.variables);
        out.push(b'[');
        for (place, id) in items(&ids).iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            let found = id.as_str().and_then(|id| {
                kinds.iter().find_map(|(table, statement, outs)| {
                    let key = parse_id(*table, id)?.as_u128();
                    let group = &self.groups[*statement];
                    let at = group.binary_search_by_key(&key, |(key, _)| *key).ok()?;
                    Some((*statement, group[at].1 as usize, outs))
                })
            });
            match found {
                Some((statement, row, outs)) => self.object(outs, Some((statement, row)), out)?,
                None => null(out),
            }
        }
        out.push(b']');
        Ok(())
    }

    fn any_id(&self, noun: usize, id: usize, at: At, out: &mut Vec<u8>) -> Result<(), Fault> {
        let (statement, row) = at.ok_or(Fault::Internal)?;
        match (self.rows[statement].text(row, noun), self.rows[statement].key(row, id)) {
            (Some(noun), Some(key)) => {
                out.push(b'"');
                entity::encode_id(noun, Uuid::from_u128(key), out);
                out.push(b'"');
            }
            _ => null(out),
        }
        Ok(())
    }

    fn subject(
        &self,
        noun: usize,
        id: usize,
        nodes: &[Node],
        at: At,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let (statement, row) = at.ok_or(Fault::Internal)?;
        let rows = &self.rows[statement];
        let node = nodes.iter().find(|node| rows.text(row, noun) == Some(node.prefix));
        match node.map(|node| (node, node.statement)) {
            Some((node, None)) => self.object(&node.outs, at, out)?,
            Some((node, Some(statement))) => match self.below(Some(id), statement, at).next() {
                Some(row) => self.object(&node.outs, Some((statement, row)), out)?,
                None => null(out),
            },
            None => null(out),
        }
        Ok(())
    }

    fn page(&self, page: &Paged, at: At, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut rows: Vec<usize> =
            page.rows.map_or_else(Vec::new, |statement| self.below(page.key, statement, at).collect());
        let more = rows.len() > page.size.limit as usize;
        rows.truncate(page.size.limit as usize);
        if page.size.backward {
            rows.reverse();
        }
        self.begin(out);
        for (place, (prefix, part)) in page.parts.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(prefix);
            let statement = page.rows.unwrap_or(0);
            match part {
                PagePart::Typename(name) => string(name.as_bytes(), out),
                PagePart::Total => {
                    let count = page.count.ok_or(Fault::Internal)?;
                    let column = usize::from(page.key.is_some());
                    let total = self.below(page.key, count, at).next();
                    int(total.map_or(0, |row| self.rows[count].count(row, column)), out);
                }
                PagePart::Nodes(outs) => self.list(rows.iter().copied(), outs, statement, out)?,
                PagePart::Edges(parts) => {
                    out.push(b'[');
                    for (place, row) in rows.iter().enumerate() {
                        if place > 0 {
                            out.push(b',');
                        }
                        self.edge(page, parts, (statement, *row), out)?;
                    }
                    out.push(b']');
                }
                PagePart::Info(parts) => self.info(page, parts, &rows, more, out),
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn edge(
        &self,
        page: &Paged,
        parts: &[(Vec<u8>, EdgePart)],
        at: (usize, usize),
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        self.begin(out);
        for (place, (prefix, part)) in parts.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(prefix);
            match part {
                EdgePart::Typename(name) => string(name.as_bytes(), out),
                EdgePart::Cursor => string(self.cursor(page, at).as_bytes(), out),
                EdgePart::Node(outs) => self.object(outs, Some(at), out)?,
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn info(
        &self,
        page: &Paged,
        parts: &[(Vec<u8>, InfoPart)],
        rows: &[usize],
        more: bool,
        out: &mut Vec<u8>,
    ) {
        let cursor = |row: Option<&usize>, out: &mut Vec<u8>| match (row, page.rows) {
            (Some(row), Some(statement)) => string(self.cursor(page, (statement, *row)).as_bytes(), out),
            _ => null(out),
        };
        // on the other side of a cursor lies its own row, at least
        let (next, previous) = if page.size.backward { (page.after, more) } else { (more, page.after) };
        self.begin(out);
        for (place, (prefix, part)) in parts.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(prefix);
            match part {
                InfoPart::Typename => string(b"PageInfo", out),
                InfoPart::HasNext => flag(next, out),
                InfoPart::HasPrevious => flag(previous, out),
                InfoPart::Start => cursor(rows.first(), out),
                InfoPart::End => cursor(rows.last(), out),
            }
        }
        out.push(b'}');
    }

    fn cursor(&self, page: &Paged, (statement, row): (usize, usize)) -> String {
        let values: Vec<Vec<u8>> = page
            .cursor
            .iter()
            .map(|(column, ty)| {
                let mut text = Vec::with_capacity(32);
                value(self.rows[statement].cell(row, *column), *ty, &mut text);
                text
            })
            .collect();
        page::encode(&page.mark, &values.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// Writes null for an object that is out of reach or gone. If the schema does not allow null, the request fails: no
/// answer is better than one that breaks the schema.
fn missing(allowed: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    if allowed {
        null(out);
        return Ok(());
    }
    tracing::error!("an object that the schema promises was out of reach");
    Err(Fault::Internal)
}

fn value(cell: CellView<'_>, ty: Ty, out: &mut Vec<u8>) {
    match (cell, ty) {
        (CellView::Null, _) => null(out),
        (CellView::Int(number), Ty::Flag) => flag(number != 0, out),
        (CellView::Int(number), _) => int(number, out),
        (CellView::Binary(bytes), Ty::Id(table)) => match bytes.try_into() {
            Ok(bytes) => {
                out.push(b'"');
                entity::encode_id(table.prefix(), Uuid::from_bytes(bytes), out);
                out.push(b'"');
            }
            Err(_) => null(out),
        },
        (CellView::Binary(bytes), Ty::Int) => int(integer(bytes), out),
        (CellView::Binary(bytes), Ty::Flag) => flag(bytes.first() == Some(&1), out),
        (CellView::Binary(bytes), Ty::Decimal) => string(shortest(bytes), out),
        (CellView::Text(text), Ty::Decimal) => string(shortest(text.as_bytes()), out),
        (CellView::Binary(bytes), Ty::Text) => string(bytes, out),
        (CellView::Binary(bytes), Ty::Json) => out.extend_from_slice(bytes),
        (CellView::Binary(bytes), Ty::Closed(_)) => constant(bytes, out),
        (CellView::Binary(bytes), Ty::Camel(_)) => camel(bytes, out),
        (CellView::Binary(_), Ty::AnyId(_)) => null(out),
        (CellView::Binary(bytes), Ty::Date) => date(integer(bytes), out),
        (CellView::Binary(bytes), Ty::Instant) => instant(integer(bytes), out),
        (CellView::Text(text), Ty::Closed(_)) => constant(text.as_bytes(), out),
        (CellView::Text(text), Ty::Camel(_)) => camel(text.as_bytes(), out),
        (CellView::Text(text), Ty::Json) => out.extend_from_slice(text.as_bytes()),
        (CellView::Text(text), Ty::Instant) => {
            out.push(b'"');
            out.extend_from_slice(text.trim_end_matches("+00:00").as_bytes());
            out.extend_from_slice(b"Z\"");
        }
        (CellView::Text(text), _) => string(text.as_bytes(), out),
    }
}

/// A decimal number without the zeros that its end can do without.
fn shortest(digits: &[u8]) -> &[u8] {
    if !digits.contains(&b'.') {
        return digits;
    }
    let end = digits.iter().rposition(|digit| *digit != b'0').unwrap_or(0);
    if digits[end] == b'.' { &digits[..end] } else { &digits[..=end] }
}

fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

fn flag(on: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if on { b"true" } else { b"false" });
}

fn int(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// `in_progress` as `"IN_PROGRESS"`.
fn constant(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend(bytes.iter().map(u8::to_ascii_uppercase));
    out.push(b'"');
}

/// `actionComplete` as `"ACTION_COMPLETE"`.
fn camel(bytes: &[u8], out: &mut Vec<u8>) {
    string(page::constant(&String::from_utf8_lossy(bytes)).as_bytes(), out);
}

fn string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// PostgreSQL counts dates in days from 2000-01-01.
fn date(days: i64, out: &mut Vec<u8>) {
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let day = if days >= 0 {
        epoch.checked_add_days(Days::new(days.unsigned_abs()))
    } else {
        epoch.checked_sub_days(Days::new(days.unsigned_abs()))
    };
    match day {
        Some(day) => {
            use std::io::Write;
            let written = write!(out, "\"{day}\"");
            debug_assert!(written.is_ok(), "a Vec takes any write");
        }
        None => null(out),
    }
}

/// PostgreSQL counts instants in microseconds from 2000-01-01 UTC.
fn instant(micros: i64, out: &mut Vec<u8>) {
    let epoch = DateTime::<Utc>::from_timestamp(946_684_800, 0).unwrap_or_default();
    match epoch.checked_add_signed(TimeDelta::microseconds(micros)) {
        Some(at) => string(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).as_bytes(), out),
        None => null(out),
    }
}
