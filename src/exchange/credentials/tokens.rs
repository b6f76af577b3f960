//! Where providers show their secrets, as their tables say.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;

use super::{MASK, names};
use crate::message::{Message, Place};

/// A place in the requests of a provider, by its name.
pub type TokenPlace = (String, Place);

/// The places, found when they are first needed.
#[derive(Clone, Default)]
pub(super) struct Tokens(Option<Arc<Found>>);

type Found = LazyLock<Held, Box<dyn FnOnce() -> Held + Send + Sync>>;

/// Names of headers and parameters that are not known as credentials' anyway, and places in bodies.
struct Held {
    names: Vec<String>,
    bodies: Vec<TokenPlace>,
}

impl Tokens {
    pub(super) fn of(find: impl FnOnce() -> Vec<TokenPlace> + Send + Sync + 'static) -> Self {
        let held = move || {
            let (bodies, others): (Vec<_>, Vec<_>) = find().into_iter().partition(|(_, place)| place.is_in_body());
            let names = others.iter().map(|(_, place)| place.name().to_owned());
            let names = names.filter(|name| !(names::is_header(name) && names::is_parameter(name)));
            Held {
                names: names.collect(),
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
            for place in place.each(message) {
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
