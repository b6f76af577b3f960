//! How results are shown, as it can be chosen.

use clap::ValueEnum;

#[derive(Debug, Default, clap::Args)]
pub struct Global {
    /// Print one JSON object per line on stdout, and nothing else
    #[arg(long, global = true, display_order = 100)]
    pub json: bool,
    /// Show more: both sides of each exchange; under --json, the notes on stderr
    #[arg(long, short, global = true, conflicts_with = "quiet", display_order = 102)]
    pub verbose: bool,
    /// Show times in UTC instead of local time
    #[arg(long, global = true, display_order = 104)]
    pub utc: bool,
    /// Show the verdict alone
    #[arg(long, short, global = true, display_order = 103)]
    pub quiet: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 101
    )]
    pub color: When,
}

impl Global {
    /// Adds what was chosen elsewhere in the command line.
    pub fn add(&mut self, other: Self) {
        self.json |= other.json;
        self.verbose |= other.verbose;
        self.utc |= other.utc;
        self.quiet |= other.quiet;
        if other.color != When::Auto {
            self.color = other.color;
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RequestFormat {
    /// The request as it goes over the wire
    Http,
    /// A curl command line
    Curl,
    /// A JSON object
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignatureFormat {
    /// `Name: value` lines, as curl's -H @file reads them
    Headers,
    /// The signature header's value alone
    Value,
    /// Arguments for curl
    Curl,
    /// A JSON object
    Json,
}
