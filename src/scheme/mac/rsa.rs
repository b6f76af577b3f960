//! RSA signatures (RFC 8017): PKCS#1 v1.5 and PSS.

mod padding;

use std::convert::Infallible;
use std::sync::Arc;

use rsa::hazmat::rsa_encrypt;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _, SignatureScheme};
use rsa::{BoxedUint, Pkcs1v15Sign, PrivateKey, Pss, PublicKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::KeyError;
use super::hash::{Hash, Hasher};
use crate::scheme::keys::Found;

/// How the digest is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Padding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with MGF1 and the same hash; the salt is as long as the digest (RFC 7518, section 3.5).
    Pss,
}

/// A key pair of a fixed, published key: making one takes seconds, and what a throw-away key signs nobody trusts.
const THROW_AWAY: [&str; 2] = [
    include_str!("rsa/throw-away-1.json"),
    include_str!("rsa/throw-away-2.json"),
];

/// The text of one of two test keys, by the first bit of `random`.
pub(super) fn made_of(random: [u8; 32]) -> Vec<u8> {
    THROW_AWAY[usize::from(random[0] & 1)].trim().as_bytes().to_vec()
}

/// A key and the digest of what it is to sign.
#[derive(Clone)]
pub(super) struct Pair {
    key: Arc<Halves>,
    padding: Padding,
    hash: Hash,
    hasher: Hasher,
}

struct Halves {
    public: PublicKey,
    private: Option<PrivateKey>,
}

impl Pair {
    pub(super) fn new(padding: Padding, hash: Hash, key: &[u8]) -> Result<Self, KeyError> {
        let (public, private) = match Found::read(key)? {
            Found::Rsa { public, private } => (*public, private.map(|private| *private)),
            other => return Err(other.instead_of("an RSA key")),
        };
        Ok(Self {
            key: Arc::new(Halves { public, private }),
            padding,
            hash,
            hasher: Hasher::new(hash),
        })
    }

    pub(super) fn is_public(&self) -> bool {
        self.key.private.is_none()
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    pub(super) fn sign(self) -> Result<Vec<u8>, KeyError> {
        let private = self.key.private.as_ref().ok_or(KeyError::Public)?;
        let digest = self.hasher.finish();
        let mut random = Derived::new(private, &digest);
        let signed = match (self.padding, self.hash) {
            (Padding::Pkcs1, hash) => private.sign_with_rng(&mut random, pkcs1(hash), &digest),
            (Padding::Pss, Hash::Sha1) => private.sign_with_rng(&mut random, Pss::<Sha1>::new(), &digest),
            (Padding::Pss, Hash::Sha256) => private.sign_with_rng(&mut random, Pss::<Sha256>::new(), &digest),
            (Padding::Pss, Hash::Sha384) => private.sign_with_rng(&mut random, Pss::<Sha384>::new(), &digest),
            (Padding::Pss, Hash::Sha512) => private.sign_with_rng(&mut random, Pss::<Sha512>::new(), &digest),
        };
        signed.map_err(|_| KeyError::Small)
    }

    pub(super) fn verify(self, tag: &[u8]) -> bool {
        let digest = self.hasher.finish();
        let public = &self.key.public;
        let verify = |scheme: &dyn Fn() -> rsa::errors::Result<()>| scheme().is_ok();
        match (self.padding, self.hash) {
            (Padding::Pkcs1, hash) => verify(&|| pkcs1(hash).verify(public, &digest, tag)),
            (Padding::Pss, Hash::Sha1) => verify(&|| Pss::<Sha1>::new().verify(public, &digest, tag)),
            (Padding::Pss, Hash::Sha256) => verify(&|| Pss::<Sha256>::new().verify(public, &digest, tag)),
            (Padding::Pss, Hash::Sha384) => verify(&|| Pss::<Sha384>::new().verify(public, &digest, tag)),
            (Padding::Pss, Hash::Sha512) => verify(&|| Pss::<Sha512>::new().verify(public, &digest, tag)),
        }
    }
}

impl Pair {
    /// Whether the key's private half made `tag`, whatever it signed; `None` where the padding can't tell.
    pub(super) fn has_made(&self, tag: &[u8]) -> Option<bool> {
        let public = &self.key.public;
        if tag.len() != public.size() {
            return Some(false);
        }
        let number = BoxedUint::from_be_slice(tag, public.n_bits_precision());
        let Some(padded) = number.ok().and_then(|number| rsa_encrypt(public, &number).ok()) else {
            return Some(false);
        };
        let padded = padded.to_be_bytes();
        let padded = &padded[padded.len().saturating_sub(tag.len())..];
        padding::is_of_a_signature(padded, public.n().bit_width())
    }
}

fn pkcs1(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
}

/// Bytes for a salt and for blinding that follow from the private key and what is signed: nobody else can tell them, and
/// the same message is signed in the same way each time.
struct Derived {
    seed: [u8; 32],
    counter: u64,
}

impl Derived {
    fn new(private: &PrivateKey, digest: &[u8]) -> Self {
        let mut seed = Sha256::new_with_prefix(b"ckwh rsa salt\0");
        seed.update(private.d().to_be_bytes());
        seed.update(digest);
        Self {
            seed: seed.finalize().into(),
            counter: 0,
        }
    }
}

impl TryRng for Derived {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(32) {
            let block = Sha256::new_with_prefix(self.seed).chain_update(self.counter.to_le_bytes());
            chunk.copy_from_slice(&block.finalize()[..chunk.len()]);
            self.counter += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Derived {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_knows_the_signatures_of_its_own_pair_alone() {
        let pair = |key: usize, padding, hash| Pair::new(padding, hash, THROW_AWAY[key].as_bytes()).unwrap();
        for padding in [Padding::Pkcs1, Padding::Pss] {
            for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
                let signed = pair(0, padding, hash).sign().unwrap();
                // Whichever padding and hash a table names.
                assert_eq!(pair(0, Padding::Pkcs1, Hash::Sha256).has_made(&signed), Some(true));
                assert_eq!(pair(1, Padding::Pkcs1, Hash::Sha256).has_made(&signed), Some(false));
                let mut changed = signed.clone();
                changed[7] ^= 1;
                assert_eq!(pair(0, padding, hash).has_made(&changed), Some(false));
            }
        }
    }
}
