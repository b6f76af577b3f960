//! What requests have in common that are delivered one after the other.

use sha2::{Digest as _, Sha256};

use crate::json::{self, Value};
use crate::message::Message;

/// The key of a request, in a run that keeps the order within each key: a digest, so that it is as long as any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderKey([u8; 16]);

impl OrderKey {
    /// The key that stands at a JSON pointer (RFC 6901) in a body: a text, a number or a truth value, by how it is
    /// written. Without one, the request of that number is its own key.
    pub fn of(message: Option<&Message>, pointer: &str, record: i64) -> Self {
        let value = message.and_then(|message| json::at(&message.body, pointer));
        match value {
            Some(Value::String(text)) => Self::digest(b"key", text.as_bytes()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Self::digest(b"key", value.to_string().as_bytes()),
            _ => Self::digest(b"own", &record.to_le_bytes()),
        }
    }

    fn digest(kind: &[u8], bytes: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(kind).chain_update(bytes).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// As a store keeps it.
    #[cfg(feature = "postgres")]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What a store kept.
    #[cfg(feature = "postgres")]
    pub(super) fn kept(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_at_the_pointer_is_the_same_key() {
        let key = |body: &str, record| {
            let message = Message::new(body.as_bytes().to_vec());
            OrderKey::of(Some(&message), "/customer/id", record)
        };
        let of = |id: &str| format!("{{\"customer\":{{\"id\":{id}}}}}");
        assert_eq!(key(&of("\"c1\""), 1), key(&of("\"\\u00631\"  "), 2));
        assert_eq!(key(&of("17"), 1), key(&of("\"17\""), 2));
        assert_ne!(key(&of("\"c1\""), 1), key(&of("\"c2\""), 1));
        for own in [of("null"), of("[1]"), "{}".into(), "no JSON".into(), String::new()] {
            assert_eq!(key(&own, 1), key("{}", 1), "{own}");
            assert_ne!(key(&own, 1), key(&own, 2), "{own}");
        }
        assert_eq!(OrderKey::of(None, "/customer/id", 1), key("{}", 1));
    }
}
