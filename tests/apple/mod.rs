//! Apple's services, as a client.

mod answers;
mod push_test;
mod refused;
mod ring;
mod switch;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pomona::apple::Push;
use pomona::apple::apns::{DirectTransport, Endpoint, PushIdentity};
use pomona::simulator::PretendApns;
use pomona::simulator::apns::{Doorbells, PushFiles};
use pomona::wire::Secret;
use pomona::wire::key::PrivateKey;

pub const TOPIC: &str = "com.apple.mgmt.External.8f0b4c1e-3d2a-4c5b-9e6f-7a8b9c0d1e2f";
pub const MAGIC: &str = "6C2E1F0A-5B4D-4E3C-8A7B-9C0D1E2F3A4B";

pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("seconds")
}

/// One RSA key for all pretend push certificates: making one takes a tenth of a second.
pub fn push_key() -> PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate_rsa(2048)).clone()
}

/// A pretend APNs with a push certificate it issued.
pub struct Apple {
    pub apns: PretendApns,
    pub files: PushFiles,
}

impl Apple {
    pub async fn start() -> Self {
        let apns = PretendApns::start(now()).await.expect("a loopback port");
        let files = certificate(&apns, TOPIC, 365);
        Self { apns, files }
    }

    pub fn bells(&self) -> &Doorbells {
        self.apns.bells()
    }

    pub fn transport(&self) -> DirectTransport {
        self.transport_with(&self.files)
    }

    pub fn transport_with(&self, files: &PushFiles) -> DirectTransport {
        let roots = [self.apns.authority().ca.clone()];
        DirectTransport::new(self.endpoint(), &roots, &identity(files)).expect("a usable identity")
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint { host: "localhost".into(), address: self.apns.address().to_string() }
    }

    /// A token that is good, and how often it was rung.
    pub fn device(&self, first: u8) -> (Secret, Arc<std::sync::atomic::AtomicU32>) {
        let token = Secret::new(vec![first; 32]);
        let rings = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let heard = rings.clone();
        self.bells().listen(&token, &Secret::new(MAGIC.as_bytes()), move || {
            heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        });
        (token, rings)
    }
}

/// A push certificate for `days` from now (negative: it ended then).
pub fn certificate(apns: &PretendApns, topic: &str, days: i64) -> PushFiles {
    let until = now() + days * 86_400;
    let from = until.min(now()) - 86_400;
    apns.authority().push_certificate_for(topic, push_key(), from, until).expect("a certificate")
}

pub fn identity(files: &PushFiles) -> PushIdentity {
    PushIdentity::from_pem(&files.certificate_pem(), &files.key_pem()).expect("a readable identity")
}

pub fn push_to(token: &Secret) -> Push {
    Push {
        topic: TOPIC.into(),
        token: token.clone(),
        magic: Secret::new(MAGIC.as_bytes()),
        expiration_secs: 1_800_000_000,
    }
}

pub const SHORT: Duration = Duration::from_millis(300);
