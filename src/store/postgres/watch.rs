//! NOTIFY: at most ten a second and an instance, after the commit, without a word of what was added.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use tokio::sync::oneshot;
use tokio_postgres::AsyncMessage;

use super::Server;
use super::error::{refused, told};
use super::thread::spawn;
use super::tls::Maker;
use crate::store::StoreError;

/// Is told when another session notifies; the sender ends with the connection.
pub async fn watch(server: &Arc<Server>) -> Result<Receiver<()>, StoreError> {
    let (sender, received) = mpsc::sync_channel(1);
    let (answer, answered) = oneshot::channel();
    let own = server.clone();
    spawn("watch", server, move |runtime| {
        runtime.block_on(async move {
            let listening = async {
                let maker = Maker::new(&own.tls).map_err(|problem| refused(&own, problem))?;
                let connected = own.config.connect(maker).await;
                let (client, mut connection) = connected.map_err(|error| told(&own, &error))?;
                let heard = tokio::spawn(async move {
                    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                        if matches!(message, AsyncMessage::Notification(_))
                            && let Err(mpsc::TrySendError::Disconnected(())) = sender.try_send(())
                        {
                            return;
                        }
                    }
                });
                let listen = format!("LISTEN \"{}\"", own.schema);
                client
                    .batch_execute(&listen)
                    .await
                    .map_err(|error| told(&own, &error))?;
                Ok((client, heard))
            };
            let (outcome, held) = match listening.await {
                Ok(held) => (Ok(()), Some(held)),
                Err(error) => (Err(error), None),
            };
            let _ = answer.send(outcome);
            if let Some((_client, heard)) = held {
                let _ = heard.await;
            }
        });
    })?;
    answered.await.map_err(|_| refused(server, "it is closed"))??;
    Ok(received)
}
