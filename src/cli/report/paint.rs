//! Colour, for one stream.

use colored::{Color, Colorize as _};

/// Colour, where the stream has it.
#[derive(Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    pub fn new(on: bool) -> Self {
        // `colored` decides for the whole process by stdout; here each stream decides for itself.
        colored::control::set_override(true);
        Self(on)
    }

    pub fn colour(self, text: &str, colour: Color) -> String {
        if self.0 {
            text.color(colour).bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// A colour that is not bold.
    pub fn plain(self, text: &str, colour: Color) -> String {
        if self.0 {
            text.color(colour).to_string()
        } else {
            text.to_owned()
        }
    }

    pub fn dim(self, text: &str) -> String {
        if self.0 {
            text.dimmed().to_string()
        } else {
            text.to_owned()
        }
    }

    pub fn bold(self, text: &str) -> String {
        if self.0 {
            text.bold().to_string()
        } else {
            text.to_owned()
        }
    }
}
