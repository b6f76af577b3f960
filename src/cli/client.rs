//! The HTTP client that the flags and the settings ask for.

use std::env;
use std::time::Duration;

use ckwh::clock;
use ckwh::delivery::{Client, ClientOptions, Endpoint, Proxies};
use ckwh::provider::DeliveryPolicy;

use super::app::App;
use super::args::ConnectionArgs;
use super::exit::Failure;
use super::input;

/// More than all CA certificates that there are, in bytes.
const LONGEST_CERTIFICATES: u64 = 16 * 1024 * 1024;

impl App {
    /// The time-out of an attempt that was typed or set; `None` is the provider's.
    pub fn timeout(&self, args: &ConnectionArgs) -> Result<Option<Duration>, Failure> {
        Ok(match (&args.timeout, &self.settings.timeout) {
            (Some(timeout), _) => Some(*timeout),
            (None, Some(text)) => Some(clock::duration(text)?),
            (None, None) => None,
        })
    }

    /// The client that the flags and the settings ask for.
    pub fn client(
        &mut self,
        args: &ConnectionArgs,
        endpoint: &Endpoint,
        policy: &DeliveryPolicy,
    ) -> Result<Client, Failure> {
        Ok(Client::new(endpoint, &self.client_options(args, endpoint, policy)?)?)
    }

    /// The connections that the flags and the settings ask for, with the time-out of `policy` where they name none.
    pub fn client_options(
        &mut self,
        args: &ConnectionArgs,
        endpoint: &Endpoint,
        policy: &DeliveryPolicy,
    ) -> Result<ClientOptions, Failure> {
        let timeout = self.timeout(args)?.unwrap_or(policy.timeout);
        let insecure = args.insecure || self.settings.insecure;
        if insecure && endpoint.is_https() {
            self.report.warn("no certificate is checked (--insecure)");
        }
        let read = |path: &std::path::PathBuf| input::read_bounded(path, "the CA certificate", LONGEST_CERTIFICATES);
        Ok(ClientOptions {
            timeout,
            follow: args.follow,
            ca_certificate: args.cacert.as_ref().map(read).transpose()?,
            insecure,
            proxies: Proxies::from_variables(|name| env::var(name).ok()),
            credentials: self.settings.credentials.clone(),
        })
    }
}
