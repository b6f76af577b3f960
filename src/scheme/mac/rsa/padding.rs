//! What a public key makes of a signature: whether it is padded as RFC 8017 pads what a private key signs.

use crate::scheme::mac::hash::{Hash, Hasher};

/// The last byte of what PSS signs (RFC 8017, section 9.1.1).
const PSS_END: u8 = 0xbc;

/// So many bytes of padding are no chance.
const SURE: usize = 8;

/// Whether `opened`, as long as the modulus of `bits` bits, is what was signed; `None` where chance may have padded it.
pub(super) fn is_of_a_signature(opened: &[u8], bits: u32) -> Option<bool> {
    if opened.starts_with(&[0, 1]) && opened[2..].iter().take(SURE).all(|byte| *byte == 0xff) {
        return Some(true);
    }
    let hashes = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];
    let padded = hashes.iter().filter_map(|hash| pss_padding(opened, bits, *hash)).max();
    match padded {
        None => Some(false),
        Some(zeros) if zeros >= SURE => Some(true),
        Some(_) => None,
    }
}

/// How many bytes of nought stand before the salt of what PSS signs (RFC 8017, section 9.1.2, steps 3 to 10).
fn pss_padding(opened: &[u8], bits: u32, hash: Hash) -> Option<usize> {
    // The number that is signed is a bit shorter than the modulus.
    let unused = (8 - (bits - 1) % 8) % 8;
    let encoded = opened.get(usize::from(unused == 0)..)?;
    let (end, encoded) = encoded.split_last()?;
    if *end != PSS_END {
        return None;
    }
    let length = Hasher::new(hash).finish().len();
    let (block, seed) = encoded.split_at_checked(encoded.len().checked_sub(length)?)?;
    let mask = (0_u32..).flat_map(|counter| {
        let mut hasher = Hasher::new(hash);
        hasher.update(seed);
        hasher.update(&counter.to_be_bytes());
        hasher.finish()
    });
    let mut block: Vec<u8> = block.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    *block.first_mut()? &= 0xff >> unused;
    let zeros = block.iter().take_while(|byte| **byte == 0).count();
    (block.get(zeros) == Some(&1)).then_some(zeros)
}
