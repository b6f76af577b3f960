//! A signature to be explained, and how a computed tag may be what stands in it: whole, cut, with more around it, or but
//! for a digit or two.

use std::collections::HashMap;

use super::super::reading::{Reading, Readings, SHORTEST};
use super::finding::Found;
use crate::explain::algorithm::Finished;
use crate::scheme::Encoding;

/// Four bytes of a reading: which one, and where in it.
type Windows = HashMap<[u8; 4], Vec<(u32, u32)>>;

/// A signature to be explained.
pub(in crate::explain) struct Target {
    pub(super) readings: Readings,
    windows: Windows,
    /// Words of hex digits that a MAC may be whose bytes have no two digits each.
    uneven: Vec<String>,
    pub(super) found: Option<Found>,
}

/// How a reading holds a computed tag: the longest run that both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) reading: usize,
    /// The run's place in the computed tag, its place in the reading, and its length, in bytes.
    pub(super) made: usize,
    pub(super) read: usize,
    pub(super) length: usize,
}

/// Every run of [`SHORTEST`] bytes covers one of the four bytes that begin at these places: 12, 25, 38, …
const FIRST: usize = SHORTEST - 4;
const STEP: usize = SHORTEST - 3;

/// How hex is written where nobody fills each byte up to two digits: each byte as a number, and whether it has a `-`.
type Uneven = (&'static str, fn(u8) -> (bool, u32));

const UNEVEN: [Uneven; 3] = [
    (
        "without the `0` of those below 16, as `toString(16)`, `toHexString` and .NET's `ToString(\"x\")` of each byte do",
        |byte| (false, byte.into()),
    ),
    (
        "with their sign, as Java's `Integer.toHexString` of each byte does",
        |byte| (false, i32::from(byte.cast_signed()).cast_unsigned()),
    ),
    (
        "as signed numbers, as `toString(16)` of each of Apps Script's bytes does",
        |byte| {
            let signed = byte.cast_signed();
            (signed < 0, signed.unsigned_abs().into())
        },
    ),
];

const ONE_NUMBER: &str = "as one number with a sign, as Java's `new BigInteger(mac).toString(16)` does";

/// Whether `word` is `tag`, each byte written as `number` has it.
fn is_written(word: &str, tag: &[u8], number: fn(u8) -> (bool, u32)) -> bool {
    let mut rest = word.bytes();
    let each = |byte: &u8| {
        let (is_negative, number) = number(*byte);
        let digits = (32 - number.leading_zeros()).div_ceil(4).max(1);
        let digit = |place: u32| char::from_digit(number >> (4 * place) & 15, 16);
        (!is_negative || rest.next() == Some(b'-'))
            && (0..digits)
                .rev()
                .all(|place| rest.next().map(char::from) == digit(place))
    };
    tag.iter().all(each) && rest.next().is_none()
}

/// Whether `word` is `tag` as one number with a sign.
fn is_one_number(word: &str, tag: &[u8]) -> bool {
    let (Some(digits), Some(0x80..)) = (word.strip_prefix('-'), tag.first()) else {
        return false;
    };
    let mut own: Vec<u8> = tag.iter().map(|byte| !byte).collect();
    let from = own.iter().rposition(|byte| *byte != 0xff).unwrap_or_default();
    own[from] = own[from].wrapping_add(1);
    own[from + 1..].fill(0);
    hex::encode(own).trim_start_matches('0') == digits
}

/// Such a word in lower case; nothing for one that has the digits of a hash.
fn uneven(word: &str) -> Option<String> {
    let has_sign = word.contains('-');
    let is_hash = !has_sign && matches!(word.len(), 32 | 40 | 48 | 56 | 64 | 96 | 128);
    let is_hex = word.len() >= 2 * SHORTEST
        && word
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || has_sign && byte == b'-');
    (is_hex && !is_hash).then(|| word.to_ascii_lowercase())
}

impl Target {
    pub(in crate::explain) fn new(readings: Readings) -> Self {
        let mut windows = Windows::new();
        for (index, reading) in (0..).zip(&readings.all) {
            for (at, four) in (0..).zip(reading.tag.windows(4)) {
                if let Ok(four) = <[u8; 4]>::try_from(four) {
                    windows.entry(four).or_default().push((index, at));
                }
            }
        }
        let uneven = readings.words.iter().filter_map(|word| uneven(word)).collect();
        Self {
            readings,
            windows,
            uneven,
            found: None,
        }
    }

    /// Every tag that the signature may be meant as.
    pub(in crate::explain) fn tags(&self) -> impl Iterator<Item = &[u8]> {
        self.readings.all.iter().map(|reading| &reading.tag[..])
    }

    /// The reading that `made` is or has a long run in common with; of several the one that has the most of it.
    pub(super) fn fit(&self, made: &Finished) -> Option<Fit> {
        let tag = match made {
            Finished::Tag(tag) => tag,
            Finished::Public(mac) => {
                let is_it = |reading: &Reading| (**mac).clone().verify(&reading.tag);
                let reading = self.readings.all.iter().position(is_it)?;
                let length = self.readings.all[reading].tag.len();
                return Some(Fit {
                    reading,
                    made: 0,
                    read: 0,
                    length,
                });
            }
        };
        let mut best: Option<Fit> = None;
        for at in (FIRST..tag.len().saturating_sub(3)).step_by(STEP) {
            let Some(places) = tag.get(at..at + 4).and_then(|four| self.windows.get(four)) else {
                continue;
            };
            for (reading, place) in places {
                let fit = self.run(tag, at, *reading as usize, *place as usize);
                let is_better = best.is_none_or(|best| {
                    (fit.length, std::cmp::Reverse(fit.reading)) > (best.length, std::cmp::Reverse(best.reading))
                });
                if fit.length >= SHORTEST && is_better {
                    best = Some(fit);
                }
            }
        }
        best
    }

    /// The run around the bytes at `at` that are equal to those at `place` of a reading.
    fn run(&self, tag: &[u8], at: usize, reading: usize, place: usize) -> Fit {
        let own = &self.readings.all[reading].tag;
        let before = tag[..at].iter().rev().zip(own[..place].iter().rev());
        let before = before.take_while(|(one, other)| one == other).count();
        let behind = tag[at..].iter().zip(&own[place..]);
        let behind = behind.take_while(|(one, other)| one == other).count();
        Fit {
            reading,
            made: at - before,
            read: place - before,
            length: before + behind,
        }
    }

    /// The word that `made` is but for one or two digits, where those that are right are 128 bits.
    pub(super) fn mistyped(&self, made: &Finished) -> Option<&str> {
        let Finished::Tag(tag) = made else { return None };
        if self.uneven(made).is_some() {
            return None;
        }
        let near = |word: &&String| {
            let written = [
                (Encoding::Hex.encode(tag), word.to_ascii_lowercase(), 4),
                (
                    Encoding::Base64.encode(tag),
                    word.replace('-', "+").replace('_', "/"),
                    6,
                ),
            ];
            written.iter().any(|(own, word, bits)| {
                let (own, word) = (own.trim_end_matches('='), word.trim_end_matches('='));
                // One that begins or ends as the other was cut, or has more around it.
                if own.starts_with(word) || own.ends_with(word) || word.starts_with(own) || word.ends_with(own) {
                    return false;
                }
                let is_close = own.len().abs_diff(word.len()) <= 2 && own.len().saturating_sub(2) * bits >= 128;
                let distance = if is_close { strsim::levenshtein(own, word) } else { 0 };
                (1..=2).contains(&distance)
            })
        };
        self.readings.words.iter().find(near).map(String::as_str)
    }

    /// How `made` stands there in hex whose bytes have no two digits each; a text of it has 128 bits and more.
    pub(super) fn uneven(&self, made: &Finished) -> Option<&'static str> {
        let Finished::Tag(tag) = made else { return None };
        if self.uneven.iter().any(|word| is_one_number(word, tag)) {
            return Some(ONE_NUMBER);
        }
        let is_it = |(_, number): &&Uneven| self.uneven.iter().any(|word| is_written(word, tag, *number));
        UNEVEN.iter().find(is_it).map(|(how, _)| *how)
    }

    /// Whether a text with replacement characters is what becomes of `made` as UTF-8, and says at least 128 bits of it.
    pub(super) fn is_lossy(&self, made: &Finished) -> bool {
        let Finished::Tag(tag) = made else { return false };
        if self.readings.lossy.is_empty() {
            return false;
        }
        let text = String::from_utf8_lossy(tag);
        // Each byte of a character that is kept is known, and of each that is replaced only that it is none of ASCII.
        let kept = text
            .chars()
            .filter(|char| *char != '\u{fffd}')
            .map(char::len_utf8)
            .sum::<usize>();
        let replaced = text.chars().filter(|char| *char == '\u{fffd}').count();
        8 * kept + replaced >= 128 && self.readings.lossy.iter().any(|own| own.contains(text.trim()))
    }

    /// Whether it holds `made` in some way.
    pub(super) fn may_hold(&self, made: &Finished) -> bool {
        !self.is_done() && (self.fit(made).is_some() || self.is_lossy(made) || self.uneven(made).is_some())
    }

    pub(super) fn is_done(&self) -> bool {
        self.found.is_some() || self.readings.is_empty()
    }
}
