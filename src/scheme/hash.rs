//! The hash functions, each plain and as an HMAC (RFC 2104): FIPS 180-4, FIPS 202, RFC 1321, and Keccak as Ethereum
//! has it, from before FIPS 202.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Keccak256, Sha3_224, Sha3_256, Sha3_384, Sha3_512};

/// One row.
pub(crate) struct HashFunction {
    /// The name in a recipe.
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    /// The length of a digest and of a block, in bytes.
    pub(crate) len: usize,
    pub(crate) block: usize,
    /// Whether providers sign with it.
    pub(crate) is_common: bool,
    pub(crate) plain: fn() -> Running,
    pub(crate) keyed: fn(&[u8]) -> Running,
}

impl fmt::Debug for HashFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl HashFunction {
    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        HASHES.iter().find(|hash| hash.name == name)
    }

    /// The digest of `bytes`.
    pub(crate) fn digest(&self, bytes: &[u8]) -> Vec<u8> {
        let mut running = (self.plain)();
        running.update(bytes);
        running.finish()
    }
}

impl PartialEq for HashFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for HashFunction {}

/// A digest or a MAC being computed.
pub(crate) struct Running(Box<dyn Function>);

impl Running {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}

impl Clone for Running {
    fn clone(&self) -> Self {
        Self(self.0.copy())
    }
}

/// Two workers may share one.
trait Function: Send + Sync {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Function>;
}

#[derive(Clone)]
struct Plain<D>(D);

impl<D: Digest + Clone + Send + Sync + 'static> Function for Plain<D> {
    fn update(&mut self, bytes: &[u8]) {
        Digest::update(&mut self.0, bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }

    fn copy(&self) -> Box<dyn Function> {
        Box::new(self.clone())
    }
}

/// A row for each hash function, with its HMAC.
macro_rules! hashes {
    ($($hash:ty, $name:literal, $says:literal, $len:literal, $block:literal, $common:literal;)*) => {
        $(
            impl Function for Hmac<$hash> {
                fn update(&mut self, bytes: &[u8]) {
                    hmac::Mac::update(self, bytes);
                }

                fn finish(self: Box<Self>) -> Vec<u8> {
                    self.finalize().into_bytes().to_vec()
                }

                fn copy(&self) -> Box<dyn Function> {
                    Box::new(self.clone())
                }
            }
        )*

        pub(crate) static HASHES: &[HashFunction] = &[$(
            HashFunction {
                name: $name,
                says: $says,
                len: $len,
                block: $block,
                is_common: $common,
                plain: || Running(Box::new(Plain(<$hash>::new()))),
                keyed: |key| {
                    Running(Box::new(Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length")))
                },
            },
        )*];
    };
}

hashes! {
    Sha256, "sha256", "SHA-256", 32, 64, true;
    Sha1, "sha1", "SHA-1", 20, 64, true;
    Sha512, "sha512", "SHA-512", 64, 128, true;
    Md5, "md5", "MD5", 16, 64, false;
    Sha384, "sha384", "SHA-384", 48, 128, false;
    Sha512_256, "sha512-256", "SHA-512/256", 32, 128, false;
    Sha224, "sha224", "SHA-224", 28, 64, false;
    Sha512_224, "sha512-224", "SHA-512/224", 28, 128, false;
    Sha3_224, "sha3-224", "SHA3-224", 28, 144, false;
    Sha3_256, "sha3-256", "SHA3-256", 32, 136, false;
    Sha3_384, "sha3-384", "SHA3-384", 48, 104, false;
    Sha3_512, "sha3-512", "SHA3-512", 64, 72, false;
    Keccak256, "keccak256", "Keccak-256", 32, 136, false;
}
