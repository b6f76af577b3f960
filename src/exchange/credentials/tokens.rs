//! Where providers show their secrets, as their tables say.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;

use super::MASK;
use crate::message::{MOST_ITEMS, Message, Place};

/// A place in the requests of a provider, by its name.
pub type TokenPlace = (String, Place);

/// The places, found when they are first needed.
#[derive(Clone, Default)]
pub(super) struct Tokens(Option<Arc<Found>>);

type Found = LazyLock<Held, Box<dyn FnOnce() -> Held + Send + Sync>>;

/// Names of headers and parameters, and places in bodies.
struct Held {
    names: Vec<String>,
    bodies: Vec<TokenPlace>,
}

impl Tokens {
    pub(super) fn of(find: impl FnOnce() -> Vec<TokenPlace> + Send + Sync + 'static) -> Self {
        let held = move || {
            let (bodies, others): (Vec<_>, Vec<_>) = find().into_iter().partition(|(_, place)| place.is_in_body());
            Held {
                names: others.iter().map(|(_, place)| place.name().to_owned()).collect(),
                bodies,
            }
        };
        Self(Some(Arc::new(LazyLock::new(Box::new(held)))))
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        let held = self.0.as_deref();
        held.is_some_and(|held| held.names.iter().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// The body with what `provider` shows in it replaced; where the provider is not known, what any does.
    pub(super) fn mask_body<'m>(&self, message: &'m Message, provider: Option<&str>) -> Cow<'m, Bytes> {
        let bodies = self.0.as_deref().map(|held| held.bodies.as_slice()).unwrap_or_default();
        let is_its = |(name, _): &&TokenPlace| provider.is_none_or(|provider| provider == name);
        let mut masked: Option<Message> = None;
        for (_, place) in bodies.iter().filter(is_its) {
            let items = place.each(message);
            if items.len() > MOST_ITEMS && place.values(message).iter().any(|text| !text.is_empty()) {
                // No more are looked at, and each may show it.
                return Cow::Owned(MASK.into());
            }
            for place in items {
                if place.read(message).is_some_and(|text| !text.is_empty()) {
                    let _ = place.write(masked.get_or_insert_with(|| message.clone()), MASK);
                }
            }
        }
        masked.map_or(Cow::Borrowed(&message.body), |masked| Cow::Owned(masked.body))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_to_be_looked_at_is_hidden_whole() {
        let place = Place::try_from("body:/value/*/clientState".to_owned()).unwrap();
        let tokens = Tokens::of(move || vec![("ms-graph".to_owned(), place)]);
        let list = |item: &str, count: usize| Message::new(format!("{{\"value\":[{}]}}", vec![item; count].join(",")));
        for (item, count, shown) in [
            (r#"{"clientState":"s3cret"}"#, 2, Some(false)),
            (r#"{"clientState":"s3cret"}"#, 300, None),
            (r#"{"other":"s3cret"}"#, 300, Some(true)),
        ] {
            let message = list(item, count);
            let masked = tokens.mask_body(&message, None);
            let text = String::from_utf8_lossy(&masked).into_owned();
            assert_eq!(text.contains("s3cret"), shown == Some(true), "{count}");
            assert_eq!(text == MASK, shown.is_none(), "{count}");
        }
    }
}
