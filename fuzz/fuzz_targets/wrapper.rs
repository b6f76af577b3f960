//! Any file: its format is told, and no panic; what is read comes back the same. The seeds are JSON that others put
//! requests into.
#![no_main]

mod common;

use ckwh::exchange::{self, Input};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut input) = Input::new(bytes, 1 << 20) else {
        return;
    };
    if let Ok(Some(format)) = exchange::detect(&mut input) {
        common::comes_back(format, bytes);
    }
});
