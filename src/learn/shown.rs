//! A delivery that nobody signed, and that shows the secret itself in a header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Delivery, Fit};
use crate::message::Place;
use crate::scheme::{Content, Encoding, Grammar, KeyRule, Kind, Scheme, Signature, UrlRule};
use crate::secret::{Key, Secret};

/// A shorter secret may stand in a header by chance, in bytes.
const SHORTEST: usize = 8;

/// How a header shows a secret.
struct Form {
    kind: Kind,
    item: &'static str,
    encoding: Encoding,
    text: fn(&[u8]) -> Vec<u8>,
}

const FORMS: [Form; 4] = [
    Form {
        kind: Kind::Token,
        item: "{sig}",
        encoding: Encoding::Text,
        text: <[u8]>::to_vec,
    },
    Form {
        kind: Kind::Token,
        item: "Bearer {sig}",
        encoding: Encoding::Text,
        text: |secret| [b"Bearer ", secret].concat(),
    },
    Form {
        kind: Kind::Token,
        item: "Token {sig}",
        encoding: Encoding::Text,
        text: |secret| [b"Token ", secret].concat(),
    },
    Form {
        kind: Kind::Basic,
        item: "Basic {sig}",
        encoding: Encoding::Base64,
        text: |secret| format!("Basic {}", STANDARD.encode(secret)).into_bytes(),
    },
];

/// The scheme that shows one of the delivery's secrets, where a header holds one.
pub(super) fn fit(delivery: &Delivery<'_>) -> Option<Fit> {
    let secrets = || {
        delivery
            .secrets
            .iter()
            .filter(|secret| secret.expose().len() >= SHORTEST)
    };
    delivery.message.headers.iter().find_map(|(name, value)| {
        let shown = Key::new(value.to_vec());
        let is_shown = |form: &Form, secret: &Secret| Key::new((form.text)(secret.expose())).is(&shown);
        let found = |secret| {
            FORMS
                .iter()
                .find(|form| is_shown(form, secret))
                .map(|form| (form, secret))
        };
        let (form, secret) = secrets().find_map(found)?;
        Some(Fit {
            scheme: Scheme {
                signatures: vec![Signature {
                    kind: form.kind,
                    jws: None,
                    http: None,
                    places: vec![Place::Header(name.to_owned())],
                    grammar: Grammar::items(form.item, None).ok()?,
                    encoding: form.encoding,
                    accept: Vec::new(),
                    content: Content::of(Vec::new()),
                    key: Vec::new(),
                    keys: KeyRule::default(),
                    url: UrlRule::default(),
                    digest: None,
                }],
                timestamp: None,
                id: None,
            },
            secret: secret.source().clone(),
            url: None,
            others: Vec::new(),
        })
    })
}
