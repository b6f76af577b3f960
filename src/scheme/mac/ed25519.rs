//! Ed25519 (RFC 8032). It reads the content twice, so the content is held.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::KeyError;
use crate::scheme::keys::Found;

/// A key pair, or its public half, and what it is to sign.
#[derive(Clone)]
pub(super) struct Pair {
    private: Option<SigningKey>,
    public: VerifyingKey,
    content: Vec<u8>,
}

impl Pair {
    /// Of 64 bytes, the seed and the public key; of a public key's 32; or of a key file.
    pub(super) fn new(key: &[u8]) -> Result<Self, KeyError> {
        let invalid = |_| KeyError::Invalid;
        let (private, public) = if let Ok(pair) = <&[u8; 64]>::try_from(key) {
            let private = SigningKey::from_keypair_bytes(pair).map_err(invalid)?;
            (Some(private.clone()), private.verifying_key())
        } else if let Ok(public) = <&[u8; 32]>::try_from(key) {
            (None, VerifyingKey::from_bytes(public).map_err(invalid)?)
        } else {
            match Found::read(key) {
                Err(KeyError::NoKey(_)) => return Err(KeyError::Length),
                Err(error) => return Err(error),
                Ok(Found::Ed25519 { seed: Some(seed), .. }) => {
                    let private = SigningKey::from_bytes(&seed);
                    let public = private.verifying_key();
                    (Some(private), public)
                }
                Ok(Found::Ed25519 { public, .. }) => (None, VerifyingKey::from_bytes(&public).map_err(invalid)?),
                Ok(other) => return Err(other.instead_of("an Ed25519 key")),
            }
        };
        let content = Vec::new();
        Ok(Self {
            private,
            public,
            content,
        })
    }

    pub(super) fn is_public(&self) -> bool {
        self.private.is_none()
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.content.extend_from_slice(bytes);
    }

    pub(super) fn sign(&self) -> Result<Vec<u8>, KeyError> {
        let private = self.private.as_ref().ok_or(KeyError::Public)?;
        Ok(private.sign(&self.content).to_bytes().to_vec())
    }

    pub(super) fn verify(&self, tag: &[u8]) -> bool {
        Signature::from_slice(tag).is_ok_and(|signature| self.public.verify_strict(&self.content, &signature).is_ok())
    }
}

/// A pair made of random bytes: the seed and the public key.
pub(super) fn made_of(random: [u8; 32]) -> Vec<u8> {
    SigningKey::from_bytes(&random).to_keypair_bytes().to_vec()
}
