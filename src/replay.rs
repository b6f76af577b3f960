//! Captured requests, delivered again.

pub mod resend;
