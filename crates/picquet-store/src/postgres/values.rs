//! Parameters and rows. PostgreSQL's texts have no NUL; it is written as two signs that keep the order of texts, so that
//! none is lost and each is found again. (`?` in a pattern stands for one of the two.)

use crate::{Param, Result, Row, StoreError};
use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use std::borrow::Cow;
use std::error::Error;

/// In the place of NUL stands this sign and [`NUL`], in its own place this sign and [`SELF`].
const MARK: char = '\u{1}';
const NUL: char = '\u{1}';
const SELF: char = '\u{2}';

/// A text as it is written.
pub(super) fn written(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b <= MARK as u8) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => out.extend([MARK, NUL]),
            MARK => out.extend([MARK, SELF]),
            c => out.push(c),
        }
    }
    out.into()
}

/// A text as it was before it was written.
pub(super) fn read(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == MARK { chars.next() } else { None }) {
            (MARK, Some(NUL)) => out.push('\0'),
            (MARK, Some(SELF) | None) => out.push(MARK),
            (c, other) => out.extend(std::iter::once(c).chain(other)),
        }
    }
    out
}

/// The type that a parameter is sent as. What has no value takes the type of its place.
pub(super) fn type_of(param: &Param) -> Type {
    match param {
        Param::Null => Type::UNKNOWN,
        Param::Int(_) => Type::INT8,
        Param::Real(_) => Type::FLOAT8,
        Param::Text(_) => Type::TEXT,
        Param::Blob(_) => Type::BYTEA,
    }
}

impl ToSql for Param {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(kind, out),
            Self::Real(n) => n.to_sql(kind, out),
            Self::Text(text) => written(text).as_ref().to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Statements are prepared with the types of their parameters.
        true
    }

    to_sql_checked!();
}

/// A row, with numbers of any width.
pub(super) struct Answer(pub postgres::Row);

impl Answer {
    fn get<'r, T: postgres::types::FromSql<'r>>(&'r self, column: usize) -> Result<T> {
        Ok(self.0.try_get(column)?)
    }

    fn kind(&self, column: usize) -> Result<&Type> {
        let column = self.0.columns().get(column);
        column.map(postgres::Column::type_).ok_or_else(|| StoreError::Database("an answer lacks a column".into()))
    }
}

impl Row for Answer {
    fn int(&self, column: usize) -> Result<i64> {
        match *self.kind(column)? {
            Type::INT4 => Ok(self.get::<i32>(column)?.into()),
            _ => self.get(column),
        }
    }

    fn real(&self, column: usize) -> Result<Option<f64>> {
        match *self.kind(column)? {
            Type::INT4 => Ok(self.get::<Option<i32>>(column)?.map(f64::from)),
            Type::INT8 => Ok(self.get::<Option<i64>>(column)?.map(|n| n as f64)),
            _ => self.get(column),
        }
    }

    fn text(&self, column: usize) -> Result<Option<String>> {
        Ok(self.get::<Option<&str>>(column)?.map(read))
    }

    fn blob(&self, column: usize) -> Result<Vec<u8>> {
        self.get(column)
    }
}

#[cfg(test)]
mod tests {
    use super::{read, written};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back_and_keep_their_order(a in "[\0-\x03aé]{0,6}", b in "[\0-\x03aé]{0,6}") {
            prop_assert!(!written(&a).contains('\0'));
            prop_assert_eq!(read(&written(&a)), a.clone());
            prop_assert_eq!(written(&a).as_bytes().cmp(written(&b).as_bytes()), a.as_bytes().cmp(b.as_bytes()));
        }
    }
}
