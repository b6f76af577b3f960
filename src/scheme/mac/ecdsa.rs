//! ECDSA (FIPS 186-5) over the NIST curves, made deterministic by RFC 6979 with the hash of the signature.

use std::fmt;

use ecdsa::hazmat::{sign_prehashed_rfc6979, verify_prehashed};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::KeyError;
use super::hash::{Hash, Hasher};
use crate::scheme::keys::Found;

/// A curve of FIPS 186-5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Curve {
    /// secp256r1, prime256v1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

/// How a signature's two numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// As an ASN.1 sequence in DER (RFC 3279, section 2.2.3).
    Der,
    /// One after the other, each as long as the curve's numbers (RFC 7518, section 3.4).
    Raw,
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

impl Curve {
    /// How long the curve's numbers are, in bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A key, of whichever curve.
#[derive(Clone)]
enum Halves {
    P256(Option<ecdsa::SigningKey<NistP256>>, ecdsa::VerifyingKey<NistP256>),
    P384(Option<ecdsa::SigningKey<NistP384>>, ecdsa::VerifyingKey<NistP384>),
    P521(Option<ecdsa::SigningKey<NistP521>>, ecdsa::VerifyingKey<NistP521>),
}

/// A key and the digest of what it is to sign.
#[derive(Clone)]
pub(super) struct Pair {
    key: Halves,
    hash: Hash,
    form: Form,
    hasher: Hasher,
}

/// The halves of a key: the public one of a pair follows from the private one.
macro_rules! halves {
    ($private:expr, $public:expr) => {
        match $private {
            Some(scalar) => {
                let private = ecdsa::SigningKey::from_slice(scalar).map_err(|_| KeyError::Wrong)?;
                let public = *private.verifying_key();
                (Some(private), public)
            }
            None => {
                let public = ecdsa::VerifyingKey::from_sec1_bytes($public).map_err(|_| KeyError::Wrong)?;
                (None, public)
            }
        }
    };
}

macro_rules! sign {
    ($curve:ty, $key:expr, $pair:expr, $digest:expr) => {{
        let scalar = $key.as_ref().ok_or(KeyError::Public)?.as_nonzero_scalar();
        let (signature, _): (ecdsa::Signature<$curve>, _) = match $pair.hash {
            Hash::Sha1 => sign_prehashed_rfc6979::<$curve, Sha1>(scalar, $digest, &[]),
            Hash::Sha256 => sign_prehashed_rfc6979::<$curve, Sha256>(scalar, $digest, &[]),
            Hash::Sha384 => sign_prehashed_rfc6979::<$curve, Sha384>(scalar, $digest, &[]),
            Hash::Sha512 => sign_prehashed_rfc6979::<$curve, Sha512>(scalar, $digest, &[]),
        };
        match $pair.form {
            Form::Der => signature.to_der().as_bytes().to_vec(),
            Form::Raw => signature.to_bytes().to_vec(),
        }
    }};
}

macro_rules! verify {
    ($curve:ty, $public:expr, $form:expr, $digest:expr, $tag:expr) => {{
        let signature = match $form {
            Form::Der => ecdsa::Signature::<$curve>::from_der($tag),
            Form::Raw => ecdsa::Signature::<$curve>::from_slice($tag),
        };
        signature.is_ok_and(|signature| verify_prehashed(&(*$public.as_affine()).into(), $digest, &signature).is_ok())
    }};
}

impl Pair {
    pub(super) fn new(curve: Curve, hash: Hash, form: Form, key: &[u8]) -> Result<Self, KeyError> {
        let (private, public) = match Found::read(key)? {
            Found::Ec {
                curve: own,
                private,
                public,
            } if own == curve => (private, public),
            other => return Err(other.instead_of(&format!("an EC key of the curve {curve}"))),
        };
        let scalar = private.as_deref();
        let key = match curve {
            Curve::P256 => {
                let (private, public) = halves!(scalar, &public);
                Halves::P256(private, public)
            }
            Curve::P384 => {
                let (private, public) = halves!(scalar, &public);
                Halves::P384(private, public)
            }
            Curve::P521 => {
                let (private, public) = halves!(scalar, &public);
                Halves::P521(private, public)
            }
        };
        Ok(Self {
            key,
            hash,
            form,
            hasher: Hasher::new(hash),
        })
    }

    pub(super) fn is_public(&self) -> bool {
        match &self.key {
            Halves::P256(private, _) => private.is_none(),
            Halves::P384(private, _) => private.is_none(),
            Halves::P521(private, _) => private.is_none(),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    pub(super) fn sign(self) -> Result<Vec<u8>, KeyError> {
        let digest = self.hasher.clone().finish();
        Ok(match &self.key {
            Halves::P256(private, _) => sign!(NistP256, private, self, &digest),
            Halves::P384(private, _) => sign!(NistP384, private, self, &digest),
            Halves::P521(private, _) => sign!(NistP521, private, self, &digest),
        })
    }

    pub(super) fn verify(self, tag: &[u8]) -> bool {
        let digest = self.hasher.finish();
        match &self.key {
            Halves::P256(_, public) => verify!(NistP256, public, self.form, &digest, tag),
            Halves::P384(_, public) => verify!(NistP384, public, self.form, &digest, tag),
            Halves::P521(_, public) => verify!(NistP521, public, self.form, &digest, tag),
        }
    }
}

macro_rules! recover {
    ($curve:ty, $form:expr, $digest:expr, $tag:expr) => {{
        let signature = match $form {
            Form::Der => ecdsa::Signature::<$curve>::from_der($tag),
            Form::Raw => ecdsa::Signature::<$curve>::from_slice($tag),
        };
        let recover = |signature: &ecdsa::Signature<$curve>, id: u8| {
            let id = ecdsa::RecoveryId::from_byte(id)?;
            let key = ecdsa::VerifyingKey::<$curve>::recover_from_prehash($digest, signature, id).ok()?;
            Some(key.to_sec1_point(false).as_bytes().to_vec())
        };
        let ids = 0..=ecdsa::RecoveryId::MAX;
        let keys = signature
            .ok()
            .map(|signature| ids.filter_map(|id| recover(&signature, id)).collect());
        keys.unwrap_or_default()
    }};
}

impl Pair {
    /// The points of every public key of the curve by which `tag` is a signature of the content (SEC 1, section 4.1.6): two,
    /// rarely four.
    pub(super) fn signers(&self, tag: &[u8]) -> (Curve, Vec<Vec<u8>>) {
        let digest = self.hasher.clone().finish();
        match &self.key {
            Halves::P256(..) => (Curve::P256, recover!(NistP256, self.form, &digest, tag)),
            Halves::P384(..) => (Curve::P384, recover!(NistP384, self.form, &digest, tag)),
            Halves::P521(..) => (Curve::P521, recover!(NistP521, self.form, &digest, tag)),
        }
    }
}

/// A pair made of random bytes, as a JWK.
pub(super) fn made_of(curve: Curve, random: [u8; 32]) -> Vec<u8> {
    // The first bytes stay below the order of each curve.
    let mut scalar = Sha512::digest(random).to_vec();
    scalar.extend_from_slice(&random);
    scalar.truncate(curve.len());
    scalar[..2].copy_from_slice(&[0, 1]);
    crate::scheme::keys::jwk::of_scalar(curve, &scalar)
}

/// The point of a scalar: its two numbers; `None` for what is no scalar of the curve.
pub(crate) fn public_of(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    Some(match curve {
        Curve::P256 => {
            let private = ecdsa::SigningKey::<NistP256>::from_slice(scalar).ok()?;
            private.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        }
        Curve::P384 => {
            let private = ecdsa::SigningKey::<NistP384>::from_slice(scalar).ok()?;
            private.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        }
        Curve::P521 => {
            let private = ecdsa::SigningKey::<NistP521>::from_slice(scalar).ok()?;
            private.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::keys::jwk::of_scalar;

    /// RFC 6979, appendices A.2.5, A.2.6 and A.2.7: the private key, its curve and hash, and the two numbers of the
    /// signature of `sample`.
    const KNOWN: [(Curve, Hash, &str, &str); 4] = [
        (
            Curve::P256,
            Hash::Sha256,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            Curve::P256,
            Hash::Sha1,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d326d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
        ),
        (
            Curve::P384,
            Hash::Sha384,
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
        ),
        (
            Curve::P521,
            Hash::Sha512,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
        ),
    ];

    #[test]
    fn signatures_are_those_of_rfc_6979() {
        for (curve, hash, scalar, signature) in KNOWN {
            let key = of_scalar(curve, &hex::decode(scalar).unwrap());
            let mut pair = Pair::new(curve, hash, Form::Raw, &key).unwrap();
            pair.update(b"sample");
            let made = pair.clone().sign().unwrap();
            assert_eq!(hex::encode(&made), signature, "{curve} {hash:?}");
            assert!(pair.clone().verify(&made));
            // The key is among those that the signature is of; over other bytes it is of others.
            let public = public_of(curve, &hex::decode(scalar).unwrap()).unwrap();
            let (of, signers) = pair.signers(&made);
            assert!(
                of == curve && signers.len() >= 2 && signers.contains(&public),
                "{curve} {hash:?}"
            );
            pair.update(b"!");
            assert!(!pair.clone().verify(&made));
            assert!(!pair.signers(&made).1.contains(&public), "{curve} {hash:?}");
        }
    }
}
