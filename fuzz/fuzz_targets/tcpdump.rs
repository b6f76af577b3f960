//! Packets as text: no panic; what is read comes back the same.
#![no_main]

mod common;

use ckwh::exchange::tcpdump::Tcpdump;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| common::comes_back(&Tcpdump, bytes));
