//! `ckwh store`, and where the store is.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Default, clap::Args)]
pub struct StoreArgs {
    /// The store: a file, or postgres://USER@HOST/DATABASE [default: captures.db in the user's data folder]
    #[arg(
        long,
        value_name = "PATH|URL",
        env = "CKWH_STORE",
        hide_env_values = true,
        help_heading = "Store"
    )]
    pub store: Option<PathBuf>,
    /// The schema of a store in PostgreSQL [default: ckwh]
    #[arg(long, value_name = "NAME", help_heading = "Store")]
    pub store_schema: Option<String>,
    /// A file with the password of a store in PostgreSQL [default: PGPASSWORD, ~/.pgpass]
    #[arg(long, value_name = "PATH", help_heading = "Store")]
    pub store_password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  ckwh store
  ckwh store init --store postgres://ckwh@db.internal/hooks
  ckwh store copy ~/captures.db postgres://ckwh@db.internal/hooks"
)]
pub struct StoreCommandArgs {
    #[command(subcommand)]
    pub command: Option<StoreCommand>,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Make a store; one that is there is left as it is
    Init(StoreArgs),
    /// Say what stands there (what `ckwh store` alone does)
    Status(StoreArgs),
    /// Bring a store to this ckwh's version
    Migrate(StoreArgs),
    /// Copy every capture with its number to another store, and compare both; cut off, it goes on
    Copy {
        /// The store to copy: a file, or postgres://USER@HOST/DATABASE?schema=NAME
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// The store to copy to
        #[arg(value_name = "TO")]
        to: PathBuf,
        /// A file with the password of both in PostgreSQL [default: PGPASSWORD, ~/.pgpass]
        #[arg(long, value_name = "PATH")]
        store_password_file: Option<PathBuf>,
    },
}
