//! What mitmdump shows: no panic; what is read comes back the same.
#![no_main]

mod common;

use ckwh::exchange::mitmdump::Mitmdump;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| common::comes_back(&Mitmdump, bytes));
