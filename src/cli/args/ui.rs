//! What can be typed after `ui`.

use super::{SecretArgs, StoreArgs};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ckwh ui
  ckwh ui --to localhost:3000/webhook
  ckwh listen --ui")]
pub struct UiArgs {
    /// The page's port, on 127.0.0.1 and ::1 alone [default: 7789, or another where that is taken]; 0 picks a free one
    #[arg(value_name = "PORT")]
    pub port: Option<u16>,
    /// The handler that is proposed to send to: 3000, localhost:3000/hooks
    #[arg(long, value_name = "URL", env = "CKWH_TO", hide_env_values = true)]
    pub to: Option<String>,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}
