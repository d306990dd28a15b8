//! Bodies that are not derived: boxed ones, and those whose attributes have any name.

use crate::decode::{Arguments, FromValue, IntoValue};
use crate::encode::Node;
use crate::reader::Reader;
use crate::schema::BodySchema;
use crate::secret::Secret;
use crate::value_model::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

impl<T: Arguments> Arguments for Box<T> {
    fn schema() -> &'static BodySchema {
        T::schema()
    }
    fn fields(reader: &mut Reader<'_, '_>) -> Option<Self> {
        T::fields(reader).map(Box::new)
    }
    fn encode(&self) -> Vec<Node> {
        (**self).encode()
    }
    fn label(&self) -> Option<String> {
        (**self).label()
    }
    fn defaults() -> Option<Self> {
        T::defaults().map(Box::new)
    }
}

/// Blocks with free attribute names.
macro_rules! free_blocks {
    ($($value:ty),* $(,)?) => {$(
        impl Arguments for BTreeMap<String, $value> {
            fn schema() -> &'static BodySchema {
                static SCHEMA: OnceLock<BodySchema> = OnceLock::new();
                SCHEMA.get_or_init(|| BodySchema { doc: "", fields: Vec::new(), free: Some(<$value as FromValue>::ty()) })
            }
            fn fields(reader: &mut Reader<'_, '_>) -> Option<Self> {
                Some(reader.free::<$value>()?.into_iter().collect())
            }
            fn encode(&self) -> Vec<Node> {
                self.iter().map(|(key, value)| Node::Attr(key.clone().into(), IntoValue::into_value(value))).collect()
            }
            fn defaults() -> Option<Self> {
                Some(Self::new())
            }
        }
    )*};
}

free_blocks!(String, Value, Secret, Vec<String>);
