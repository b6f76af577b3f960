//! From a secret to a MAC that is begun: which of its keys are those of a signature.

use jiff::Timestamp;

use super::{KeyError, Mac, Signature, keys};
use crate::secret::{Key, KeyStep, Secret, SecretError};

/// So many ids of keys are named.
const MOST_IDS: usize = 4;
/// And so much of one that comes from outside, in characters.
const MOST_OF_ID: usize = 64;

/// A MAC that is begun under a key, with the key's id.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The MAC.
    pub mac: Mac,
    /// The key's id, where its file has one.
    pub id: Option<String>,
    /// From when until when the key is to be used, where its certificate says so.
    pub valid: Option<(Timestamp, Timestamp)>,
}

impl Signature {
    /// Begins the MAC under `secret`: of several keys in it, the first that signs.
    ///
    /// # Errors
    /// [`SecretError`] where it is no secret of this signature.
    pub fn mac(&self, secret: &Secret) -> Result<Begun, SecretError> {
        if !self.kind.is_by_pair() {
            let mac = self.with_key(secret, &secret.key(&self.key)?)?;
            return Ok(Begun {
                mac,
                id: None,
                valid: None,
            });
        }
        let mut all = self.macs(secret, None)?;
        let signs = all.iter().position(|begun| !begun.mac.is_public());
        Ok(all.swap_remove(signs.unwrap_or_default()))
    }

    /// Begins the MAC under each key in `secret` that it may be: of several, the one with the id `key_id`, where one is
    /// given, else all that this kind of signature has a use for.
    ///
    /// # Errors
    /// [`SecretError`] where there is none.
    pub fn macs(&self, secret: &Secret, key_id: Option<&str>) -> Result<Vec<Begun>, SecretError> {
        if !self.kind.is_by_pair() {
            return Ok(vec![self.mac(secret)?]);
        }
        let mut wrong = None;
        let mut all = Vec::new();
        for (id, key) in self.keys_of(secret, key_id)? {
            match self.with_key(secret, &key) {
                Ok(mac) => all.push(Begun {
                    mac,
                    id,
                    valid: keys::validity(key.expose()),
                }),
                Err(error) => wrong = wrong.or(Some(error)),
            }
        }
        match wrong.filter(|_| all.is_empty()) {
            Some(error) => Err(error),
            None => Ok(all),
        }
    }

    /// The keys in `secret`, at least one, each with its id.
    fn keys_of(&self, secret: &Secret, key_id: Option<&str>) -> Result<Vec<(Option<String>, Key)>, SecretError> {
        if !keys::is_file(secret.expose()) {
            return Ok(vec![(None, secret.key(&self.key)?)]);
        }
        let wrong = |problem: KeyError| wrong_key(secret, &problem);
        let mut all = keys::entries(secret.expose()).map_err(wrong)?;
        if let Some(id) = key_id.filter(|_| all.iter().any(|entry| entry.id.is_some())) {
            let has = ids(&all);
            all.retain(|entry| entry.id.as_deref() == Some(id));
            if all.is_empty() {
                let published = self.keys.published.as_deref();
                return Err(wrong(KeyError::NoId {
                    id: id.escape_debug().take(MOST_OF_ID).collect(),
                    has,
                    published: published.map_or_else(String::new, |url| format!("; the provider's keys are at {url}")),
                }));
            }
        }
        if all.is_empty() {
            return Err(wrong(KeyError::NoKey("a JWKS without a key")));
        }
        let keys = all.into_iter();
        Ok(keys.map(|entry| (entry.id, Key::new(entry.text.to_vec()))).collect())
    }

    fn with_key(&self, secret: &Secret, key: &Key) -> Result<Mac, SecretError> {
        // Whoever has the public key could make such a token.
        if (self.jws.is_some() || self.http.is_some()) && !self.kind.is_by_pair() && keys::is_key(secret.expose()) {
            return Err(wrong_key(secret, &KeyError::Shared));
        }
        Mac::new(self.kind, key).map_err(|problem| wrong_key(secret, &problem))
    }

    /// The secrets that each key in `secret` would be alone.
    pub(crate) fn apart(&self, secret: &Secret, key_id: Option<&str>) -> Vec<Secret> {
        if !self.is_key_file(secret) {
            return vec![secret.clone()];
        }
        let keys = self.keys_of(secret, key_id).unwrap_or_default().into_iter();
        let source = || secret.source().clone();
        keys.filter_map(|(_, key)| Secret::new(key.expose().to_vec(), source()).ok())
            .collect()
    }

    /// Whether `secret` is a key's file, and not the key's bytes in some text.
    pub(crate) fn is_key_file(&self, secret: &Secret) -> bool {
        self.kind.is_by_pair() && keys::is_file(secret.expose())
    }

    /// The steps from `secret` to the key: none for a key's file.
    pub(crate) fn steps(&self, secret: &Secret) -> &[KeyStep] {
        if self.is_key_file(secret) { &[] } else { &self.key }
    }
}

fn wrong_key(secret: &Secret, problem: &KeyError) -> SecretError {
    SecretError::Key {
        secret: secret.source().clone(),
        problem: problem.to_string(),
    }
}

/// The ids of a set's keys, in words.
fn ids(all: &[keys::Entry]) -> String {
    let known: Vec<&str> = all.iter().filter_map(|entry| entry.id.as_deref()).collect();
    let named = known.iter().take(MOST_IDS).map(|id| format!("`{}`", id.escape_debug()));
    let named = named.collect::<Vec<_>>().join(", ");
    match known.len().saturating_sub(MOST_IDS) {
        0 => format!("it has {named}"),
        more => format!("it has {named} and {more} more"),
    }
}
