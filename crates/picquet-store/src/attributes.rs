//! The attributes of findings that have no column: which finding has which value at which path.
//!
//! A finding has dozens of them. They are written together, since a server takes about as long for one as for all.

use crate::{Param, Result, Sql};

/// A path and the value there.
type Attribute = (String, String);

/// Makes attributes of a finding known that it did not have.
pub(crate) fn link(sql: &mut dyn Sql, number: i64, attributes: &[&Attribute]) -> Result<()> {
    if attributes.is_empty() {
        return Ok(());
    }
    let mut params: Vec<Param> = vec![number.into()];
    let rows = rows(attributes, &mut params);
    let link = format!(
        "WITH l (path, value) AS (VALUES {rows}) INSERT INTO finding_attribute (path, value, finding)
         SELECT p.number, v.number, ?1 FROM l CROSS JOIN attribute_path p CROSS JOIN attribute_value v
         WHERE p.path = l.path AND v.value = l.value ON CONFLICT DO NOTHING"
    );
    if sql.execute(&link, &params)? == attributes.len() as u64 {
        return Ok(());
    }
    // Some paths or values are new.
    let paths = attributes.iter().map(|(path, _)| [path.as_str().into()]).collect();
    insert(sql, "attribute_path (path)", paths)?;
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for (_, value) in attributes {
        match value.parse::<f64>().ok().filter(|n| n.is_finite()) {
            Some(n) => numbers.push([value.as_str().into(), n.into()]),
            None => texts.push([value.as_str().into()]),
        }
    }
    insert(sql, "attribute_value (value, as_number)", numbers)?;
    insert(sql, "attribute_value (value)", texts)?;
    sql.execute(&link, &params)?;
    Ok(())
}

/// Forgets attributes of a finding.
pub(crate) fn unlink(sql: &mut dyn Sql, number: i64, attributes: &[&Attribute]) -> Result<()> {
    if attributes.is_empty() {
        return Ok(());
    }
    let mut params: Vec<Param> = vec![number.into()];
    let rows = rows(attributes, &mut params);
    let text = format!(
        "WITH l (path, value) AS (VALUES {rows}) DELETE FROM finding_attribute WHERE finding = ?1
         AND (path, value) IN (SELECT p.number, v.number FROM l CROSS JOIN attribute_path p CROSS JOIN attribute_value v
         WHERE p.path = l.path AND v.value = l.value)"
    );
    sql.execute(&text, &params)?;
    Ok(())
}

/// Attributes as rows of parameters.
fn rows(attributes: &[&Attribute], params: &mut Vec<Param>) -> String {
    let rows = attributes.iter().map(|(path, value)| [path.as_str().into(), value.as_str().into()]).collect();
    places(padded(rows), params)
}

/// Adds rows to a table, where they are not there yet.
fn insert<const N: usize>(sql: &mut dyn Sql, into: &str, rows: Vec<[Param; N]>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut params = Vec::new();
    let places = places(padded(rows), &mut params);
    sql.execute(&format!("INSERT INTO {into} VALUES {places} ON CONFLICT DO NOTHING"), &params)?;
    Ok(())
}

/// The last row again and again up to a power of two, so that there are few statements for a database to remember. What
/// is there twice does nothing.
fn padded<const N: usize>(mut rows: Vec<[Param; N]>) -> Vec<[Param; N]> {
    if let Some(last) = rows.last().cloned() {
        rows.resize(rows.len().next_power_of_two(), last);
    }
    rows
}

/// Rows of parameters: `(?2, ?3), (?4, ?5)`.
pub(crate) fn places<const N: usize>(rows: Vec<[Param; N]>, params: &mut Vec<Param>) -> String {
    let mut out = String::new();
    for row in rows {
        let first = params.len() + 1;
        let row_places: Vec<String> = (first..first + N).map(|n| format!("?{n}")).collect();
        out += if out.is_empty() { "(" } else { ", (" };
        out += &row_places.join(", ");
        out += ")";
        params.extend(row);
    }
    out
}
