//! JSON lines: no panic; what is read comes back the same.
#![no_main]

mod common;

use ckwh::exchange::jsonl::JsonLines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| common::comes_back(&JsonLines, bytes));
