//! JSON read by the letter of the model. What serde derives takes more: a list for a structure, with its members by
//! position, and an object for a word of an enumeration.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// A value from which structures are read as objects and enumerations as text.
pub struct Strict(pub Value);

impl Strict {
    fn refuse<T>(&self, wanted: &str) -> Result<T, Error> {
        let found = match &self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(b) => Unexpected::Bool(*b),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        Err(de::Error::invalid_type(found, &wanted))
    }
}

impl IntoDeserializer<'_, Error> for Strict {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(all) => visitor.visit_seq(SeqDeserializer::new(all.into_iter().map(Strict))),
            Value::Object(all) => visitor.visit_map(MapDeserializer::new(all.into_iter().map(|(k, v)| (k, Strict(v))))),
            // "-0" is a whole number too (RFC 8259, section 6), and read as a fraction to keep its sign.
            Value::Number(n) if n.as_f64() == Some(0.0) => visitor.visit_u64(0),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_object() { self.deserialize_any(visitor) } else { self.refuse("an object") }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            _ => self.refuse("a string"),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picquet_api_model::{Condition, FilterAction, SortCriteria};
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, String> {
        T::deserialize(Strict(value)).map_err(|e| e.to_string())
    }

    #[test]
    fn a_word_is_no_object() {
        assert_eq!(read::<FilterAction>(json!("NOOP")).unwrap(), FilterAction::Noop);
        assert_eq!(read::<FilterAction>(json!({ "NOOP": null })).unwrap_err(), "invalid type: map, expected a string");
        assert!(read::<FilterAction>(json!("noop")).is_err() && read::<FilterAction>(json!(0)).is_err());
        let keys: BTreeMap<FilterAction, bool> = read(json!({ "ARCHIVE": true })).unwrap();
        assert!(keys[&FilterAction::Archive] && read::<BTreeMap<FilterAction, bool>>(json!({ "x": true })).is_err());
    }

    #[test]
    fn a_structure_is_no_list() {
        let sort: SortCriteria = read(json!({ "attributeName": "id", "orderBy": "ASC", "more": [{}] })).unwrap();
        assert_eq!(sort.attribute_name.as_deref(), Some("id"));
        assert_eq!(
            read::<SortCriteria>(json!(["id", "ASC"])).unwrap_err(),
            "invalid type: sequence, expected an object"
        );
        assert!(read::<Vec<SortCriteria>>(json!([[]])).is_err());
    }

    #[test]
    fn null_is_nothing_and_minus_zero_is_zero() {
        let minus_zero: Value = serde_json::from_str("-0").unwrap();
        let condition: Condition = read(json!({ "eq": null, "gte": minus_zero, "lt": 5 })).unwrap();
        assert_eq!((condition.eq, condition.gte, condition.lt), (None, Some(0), Some(5)));
        assert!(
            read::<Condition>(json!({ "gte": 1.5 })).is_err()
                && read::<Condition>(json!({ "gte": 1_u64 << 40 })).is_err()
        );
    }
}
