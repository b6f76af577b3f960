//! Why a signature does not match: what real runtimes do to a body, and what is made of it.

mod golden;
mod styles;
