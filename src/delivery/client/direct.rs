//! Plain connections of our own, kept open from one request to the next: many deliveries to a server on this machine
//! are limited by what the client spends on each, and this spends less than a general client.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Answer, KEPT_BODY, Trouble};

type Sender = SendRequest<Full<Bytes>>;

/// Connections to one address.
#[derive(Debug)]
pub struct Direct {
    /// A host and a port.
    authority: String,
    idle: Mutex<Vec<Sender>>,
}

impl Direct {
    pub fn new(authority: String) -> Self {
        Self {
            authority,
            idle: Mutex::default(),
        }
    }

    /// Sends a request over an idle connection or a new one.
    pub async fn exchange(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, Trouble> {
        while let Some(mut sender) = self.take() {
            // Closed by the other side since it was used: nothing was sent over it.
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return self.answer(sender, response).await,
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Trouble::Http(error.into_error())),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender.send_request(request).await.map_err(Trouble::Http)?;
        self.answer(sender, response).await
    }

    fn take(&self) -> Option<Sender> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn connect(&self) -> Result<Sender, Trouble> {
        let stream = TcpStream::connect(&self.authority).await.map_err(Trouble::Connect)?;
        stream.set_nodelay(true).map_err(Trouble::Connect)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(Trouble::Http)?;
        // What ends it is told to the request that is on its way.
        tokio::spawn(async { drop(connection.await) });
        Ok(sender)
    }

    async fn answer(&self, sender: Sender, response: http::Response<hyper::body::Incoming>) -> Result<Answer, Trouble> {
        let (head, mut body) = response.into_parts();
        let mut answer = Answer {
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
            body: Vec::new(),
            truncated: false,
        };
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame.map_err(Trouble::Http)?.into_data() else {
                continue;
            };
            answer.take(&chunk, KEPT_BODY);
            if answer.truncated {
                return Ok(answer);
            }
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        Ok(answer)
    }
}
