//! PowerShell: no panic; what is read comes back the same.
#![no_main]

mod common;

use ckwh::exchange::powershell::PowerShell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| common::comes_back(&PowerShell, bytes));
