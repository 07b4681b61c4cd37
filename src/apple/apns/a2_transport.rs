//! The way to Apple: `a2`, which knows Apple's host and roots and nothing else.

use a2::request::notification::NotificationOptions;
use a2::request::payload::PayloadLike;

use super::answer::{chain_of, classify, unreached};
use super::{ANSWER_WITHIN, DirectTransport, PushIdentity, token_path};
use crate::apple::{Accepted, BoxFuture, Error, Push, PushTransport, Retry, Whose};
use crate::wire::Secret;
use crate::wire::mdm::push::payload;

/// For the body of an answer whose head came in time.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// Pushes to `api.push.apple.com:443` over one kept HTTP/2 connection. The connection is made with the first push
/// and again whenever it was lost.
///
/// Where a2's connection breaks, a2 cannot say why, and with TLS 1.3 a refused client certificate looks just like
/// that. The push is then repeated over a connection of our own, whose answer counts.
pub struct A2Transport {
    client: a2::Client,
    second: DirectTransport,
}

impl A2Transport {
    /// Takes the push certificate. Needs no network; refuses an identity that TLS cannot use.
    pub fn new(identity: &PushIdentity) -> Result<Self, Error> {
        let (certificates, key) = identity.to_pem();
        let config = a2::ClientConfig {
            endpoint: a2::Endpoint::Production,
            request_timeout_secs: Some(ANSWER_WITHIN.as_secs()),
            pool_idle_timeout_secs: None,
        };
        let client =
            a2::Client::certificate_parts(certificates.as_bytes(), key.expose(), config).map_err(|e| {
                Error::certificate(format!("The push certificate cannot be used: {}.", chain_of(&e)))
            })?;
        Ok(Self { client, second: DirectTransport::to_apple(identity)? })
    }
}

impl PushTransport for A2Transport {
    fn push(&self, push: Push) -> BoxFuture<'_, Result<Accepted, Error>> {
        Box::pin(async move {
            let ring = Ring {
                token: token_path(&push.token),
                body: payload(&push.magic),
                options: NotificationOptions {
                    apns_id: None,
                    apns_push_type: Some(a2::PushType::Mdm),
                    apns_expiration: Some(push.expiration_secs),
                    apns_priority: Some(a2::Priority::High),
                    apns_topic: Some(&push.topic),
                    apns_collapse_id: None,
                },
            };
            // a2's own limit ends with the head of an answer.
            let Ok(sent) = tokio::time::timeout(ANSWER_WITHIN + GRACE, self.client.send(ring)).await else {
                return Err(late(ANSWER_WITHIN.as_secs()));
            };
            let (error, broke) = match sent {
                Ok(response) => return Ok(Accepted { apns_id: response.apns_id }),
                Err(error) => {
                    let broke = matches!(error, a2::Error::ClientError(_) | a2::Error::ConnectionError(_));
                    (translate(error), broke)
                }
            };
            if broke && error.whose == Whose::Network {
                self.second.push(push.clone()).await
            } else {
                Err(error)
            }
        })
    }
}

fn translate(error: a2::Error) -> Error {
    match error {
        a2::Error::ResponseError(response) => {
            // The variants of a2's enumeration are spelled as Apple spells the reasons; what it does not know is
            // lost there, and then the status alone decides.
            let reason = response.error.as_ref().map(|body| format!("{:?}", body.reason));
            let timestamp = response.error.as_ref().and_then(|body| body.timestamp);
            let timestamp = timestamp.and_then(|ms| i64::try_from(ms).ok());
            classify(response.code, reason.as_deref(), timestamp, None)
        }
        a2::Error::RequestTimeout(secs) => late(secs),
        a2::Error::BuildRequestError(_) | a2::Error::SerializeError(_) | a2::Error::InvalidOptions(_) => {
            Error {
                whose: Whose::Ours,
                retry: Retry::Never,
                said: "The push could not be written: the device's topic or token is not usable.".into(),
                status: None,
            }
        }
        other => unreached(&chain_of(&other)),
    }
}

fn late(secs: u64) -> Error {
    Error::network(format!("Apple's push service did not answer within {secs} seconds."))
}

/// One push in a2's terms. Its `Debug` shows neither token nor magic.
#[derive(serde::Serialize)]
struct Ring<'a> {
    #[serde(skip)]
    token: String,
    #[serde(skip)]
    body: Secret,
    #[serde(skip)]
    options: NotificationOptions<'a>,
}

impl std::fmt::Debug for Ring<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ring {{ topic: {:?} }}", self.options.apns_topic)
    }
}

impl PayloadLike for Ring<'_> {
    fn to_json_string(&self) -> Result<String, a2::Error> {
        Ok(self.body.expose_str().unwrap_or_default().to_owned())
    }

    fn get_device_token(&self) -> &str {
        &self.token
    }

    fn get_options(&self) -> &NotificationOptions<'_> {
        &self.options
    }
}

impl std::fmt::Debug for A2Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("A2Transport")
    }
}
