//! Conformance cases 82 to 93: SCEP.

use std::process::Command;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pomona::model::Time;
use pomona::model::certificate::Purpose;
use pomona::model::edge::roll;
use pomona::model::enrollment::EnrollmentId;
use pomona::store::{self, Store};
use pomona::web::app::Peer;
use pomona::web::device::DeviceConfig;
use pomona::wire::cms::{self, Cipher};
use pomona::wire::key::{Digest, PrivateKey, sha256};
use pomona::wire::scep::{self, Reply};
use pomona::wire::x509::{self, Cert, Draft, DraftProfile, make_csr};

use super::pretend::{Answer, World, rsa_key};

/// A client of SCEP: the key it wants a certificate for, and the key it signs its requests with.
struct Client {
    world: World,
    key: PrivateKey,
    signer: Cert,
    signer_key: PrivateKey,
}

fn self_signed(world: &World, key: &PrivateKey) -> Cert {
    let draft = Draft {
        common_name: "SCEP SIGNER".into(),
        organization: None,
        uid: None,
        serial: roll(world.dice()),
        not_before: world.now().plus_secs(-60).secs(),
        not_after: world.now().plus_secs(86_400).secs(),
        profile: DraftProfile::Signer,
    };
    x509::issue(&draft, &key.public_der(), None, key).expect("self-signed")
}

impl Client {
    fn new(world: &World, key: PrivateKey) -> Self {
        let signer = self_signed(world, &key);
        Self { world: world.clone(), signer, signer_key: key.clone(), key }
    }

    fn message(&self, kind: &str, challenge: Option<&str>, transaction: &str) -> Vec<u8> {
        let csr = make_csr(&self.key, "whatever I like", challenge);
        self.message_of(kind, &csr, transaction)
    }

    fn message_of(&self, kind: &str, csr: &[u8], transaction: &str) -> Vec<u8> {
        scep::make_request(
            csr,
            &self.signer,
            &self.signer_key,
            &self.world.app.authority.ca,
            Cipher::Aes128,
            Digest::Sha256,
            kind,
            &roll(self.world.dice()),
            transaction,
            self.world.now().secs(),
        )
        .expect("a request")
    }

    async fn post(&self, message: Vec<u8>) -> Answer {
        self.post_from(Peer::default(), message).await
    }

    async fn post_from(&self, peer: Peer, message: Vec<u8>) -> Answer {
        let request = Request::post("/scep?operation=PKIOperation").extension(peer).body(Body::from(message));
        self.world.send(request.expect("a request")).await
    }

    fn read(&self, answer: &Answer, message: &[u8]) -> Reply {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.content_type.as_deref(), Some("application/x-pki-message"));
        let (sent, _) = scep::parse_request(message).expect("our own request");
        let ca = &self.world.app.authority.ca;
        scep::read_reply(
            &answer.body,
            &sent.transaction_id,
            &sent.sender_nonce,
            ca,
            &self.signer,
            &self.signer_key,
        )
        .expect("a CertRep for this very request")
    }

    async fn ask(&self, kind: &str, challenge: Option<&str>) -> Reply {
        let message = self.message(kind, challenge, "transaction/1+a=");
        let answer = self.post(message.clone()).await;
        self.read(&answer, &message)
    }
}

fn issued(reply: Reply) -> Cert {
    match reply {
        Reply::Issued(cert) => cert,
        other => panic!("not issued: {other:?}"),
    }
}

fn assert_failed(reply: &Reply, digit: u8) {
    assert!(matches!(reply, Reply::Failed { info: Some(d), .. } if *d == digit), "{reply:?}");
}

fn portal(world: &World) -> (String, String) {
    let (ticket, _) = world.ticket(|_| ());
    let id = ticket.id.clone();
    (world.challenge(Purpose::Portal { ticket: ticket.id, serial: None }), id)
}

async fn get(world: &World, query: &str) -> Answer {
    world.send(Request::get(format!("/scep?{query}")).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn sc_caps_bytes() {
    let world = World::new();
    let answer = get(&world, "operation=GetCACaps").await;
    assert_eq!(
        &answer.body[..],
        b"Renewal\nSHA-1\nSHA-256\nSHA-512\nAES\nDES3\nSCEPStandard\nPOSTPKIOperation"
    );
    assert_eq!(answer.content_type.as_deref(), Some("text/plain"));
    assert_eq!(get(&world, "operation=GetCACaps&message=anything").await.body, answer.body);
}

#[tokio::test]
async fn sc_cacert_ctype() {
    let world = World::new();
    let answer = get(&world, "operation=GetCACert&message=org.example").await;
    assert_eq!(answer.content_type.as_deref(), Some("application/x-x509-ca-cert"));
    assert_eq!(&answer.body[..], world.app.authority.ca.der());
    for query in ["operation=GetNextCACert", "operation=Whatever", "", "operation=getcacert"] {
        assert!(get(&world, query).await.status.is_client_error());
    }
    let put = Request::put("/scep?operation=GetCACaps").body(Body::empty()).expect("a request");
    assert_eq!(world.send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn sc_pkcsreq_golden() {
    let vector = |name: &str| {
        std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a vector")
    };
    let (request, holds) =
        scep::parse_request(&vector("scep_pkcsreq_scepclient-2.1.0.der")).expect("readable");
    assert!(holds);
    let pem = String::from_utf8(vector("scep_test_ca.pem")).expect("PEM");
    let ca = x509::certs_from_pem(&pem).expect("a certificate").remove(0);
    let key = PrivateKey::from_pkcs8(&vector("scep_test_ca_key.pk8.der")).expect("a key");
    let (csr, cipher) = scep::open_request(&request, &ca, &key, true, &[7; 32]).expect("opens");
    assert_eq!((csr.challenge(), cipher), (Some("secret"), Cipher::Des));
    assert!(scep::open_request(&request, &ca, &key, false, &[7; 32]).is_err(), "DES is behind a switch");
}

#[tokio::test]
async fn a_challenge_buys_one_certificate_and_counts_as_one_use_of_its_link() {
    let world = World::new();
    let (challenge, ticket) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    let cert = issued(client.ask("19", Some(&challenge)).await);
    assert!(cert.is_issued_by(&world.app.authority.ca));
    assert_eq!(cert.public_der(), client.key.public_der());
    let row = store::certificates::get(&world.read(), &cert.fingerprint()).expect("readable").expect("a row");
    assert_eq!(row.purpose, Purpose::Portal { ticket: ticket.clone(), serial: None });
    assert_eq!(row.enrollment, None);
    let ticket = store::tickets::get(&world.read(), &ticket).expect("readable").expect("a ticket");
    assert_eq!(ticket.uses, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_scepclient_e2e() {
    let devices = DeviceConfig { sign_profiles: false, allow_des: true };
    let world = World::with(Store::in_memory(), devices);
    let (challenge, _) = portal(&world);
    // The client checks dates by the machine's own clock.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let behind = now.as_secs() as i64 - world.now().secs();
    world.pass(behind);
    let hash = sha256(challenge.as_bytes());
    let until = world.now().plus_secs(600);
    world.write(move |w| {
        let mut row = store::tickets::challenge(w, &hash)?.expect("a challenge");
        row.expires = until;
        Ok(store::tickets::put_challenge(w, &hash, &row)?)
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = world.router.clone();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().expect("a folder");
    let (key, cert) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    let path = folder.path().to_path_buf();
    let output = tokio::task::spawn_blocking(move || {
        Command::new("scepclient")
            .current_dir(path)
            .args(["-server-url", &format!("http://{address}/scep"), "-challenge", &challenge])
            .arg("-private-key")
            .arg(key)
            .arg("-certificate")
            .arg(cert)
            .output()
            .expect("the Debian package `scep` is installed")
    });
    let output = output.await.expect("it ran");
    server.abort();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pem = std::fs::read_to_string(folder.path().join("cert.pem")).expect("a certificate file");
    let cert = x509::certs_from_pem(&pem).expect("PEM").remove(0);
    assert!(cert.is_issued_by(&world.app.authority.ca));
    assert!(store::certificates::get(&world.read(), &cert.fingerprint()).expect("readable").is_some());
}

#[tokio::test]
async fn sc_wrong_challenge() {
    let world = World::new();
    portal(&world);
    let client = Client::new(&world, rsa_key(0));
    for challenge in [None, Some(""), Some("a guess")] {
        let message = client.message("19", challenge, "a+transaction/of=mine");
        let answer = client.post(message.clone()).await;
        // `read` checks that the transaction and the nonce are echoed.
        assert_failed(&client.read(&answer, &message), 2);
        let signed = cms::verify_attached(&answer.body).expect("signed by the CA");
        assert_eq!(signed.signer, world.app.authority.ca);
        assert_eq!(signed.content.as_deref(), Some(&b""[..]), "an empty OCTET STRING");
    }
}

#[tokio::test]
async fn a_server_without_any_challenge_issues_nothing() {
    let world = World::new();
    let client = Client::new(&world, rsa_key(0));
    for challenge in [None, Some(""), Some("secret"), Some("0")] {
        assert_failed(&client.ask("19", challenge).await, 2);
    }
}

#[tokio::test]
async fn sc_retry_same_key() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    let first = issued(client.ask("19", Some(&challenge)).await);
    world.pass(14 * 60);
    assert_eq!(issued(client.ask("19", Some(&challenge)).await), first);
    let other = Client::new(&world, rsa_key(1));
    assert_failed(&other.ask("19", Some(&challenge)).await, 2);
    world.pass(60);
    assert_failed(&client.ask("19", Some(&challenge)).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_uses_of_one_challenge_at_once_make_one_certificate() {
    let world = World::new();
    let (challenge, ticket) = portal(&world);
    let keys: Vec<PrivateKey> = (0..5).map(|_| PrivateKey::generate_p256()).collect();
    let mut running = Vec::new();
    for n in 0..50 {
        let client = Client {
            world: world.clone(),
            key: keys[n % keys.len()].clone(),
            signer: self_signed(&world, &rsa_key(0)),
            signer_key: rsa_key(0),
        };
        let challenge = challenge.clone();
        // Each from an address of its own: most of them fail, and failures are counted by address.
        let peer = Peer([192, 0, 2, n as u8].into());
        running.push(tokio::spawn(async move {
            let message = client.message("19", Some(&challenge), "t");
            let answer = client.post_from(peer, message.clone()).await;
            client.read(&answer, &message)
        }));
    }
    let mut certificates = Vec::new();
    for one in running {
        if let Reply::Issued(cert) = one.await.expect("it ran") {
            certificates.push(cert);
        }
    }
    assert!(!certificates.is_empty());
    certificates.dedup();
    assert_eq!(certificates.len(), 1);
    let ticket = store::tickets::get(&world.read(), &ticket).expect("readable").expect("a ticket");
    assert_eq!(ticket.uses, 1);
}

#[tokio::test]
async fn a_challenge_is_good_for_an_hour() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    world.pass(3600);
    assert_failed(&client.ask("19", Some(&challenge)).await, 2);
}

#[tokio::test]
async fn a_link_that_was_taken_back_or_used_up_issues_nothing_more() {
    let world = World::new();
    let now = world.now();
    let client = Client::new(&world, rsa_key(0));
    for (max_uses, revoked) in [(Some(1), None), (None, Some(now))] {
        let (ticket, _) = world.ticket(|t| t.max_uses = max_uses);
        let purpose = || Purpose::Portal { ticket: ticket.id.clone(), serial: None };
        let (first, second) = (world.challenge(purpose()), world.challenge(purpose()));
        issued(client.ask("19", Some(&first)).await);
        let mut row = store::tickets::get(&world.read(), &ticket.id).expect("readable").expect("a ticket");
        row.revoked = revoked;
        world.write(move |w| Ok(store::tickets::put(w, &row)?));
        assert_failed(&client.ask("19", Some(&second)).await, 2);
        issued(client.ask("19", Some(&first)).await);
    }
}

#[tokio::test]
async fn sc_updatereq_18() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    assert_failed(&client.ask("18", Some(&challenge)).await, 2);
    issued(client.ask("19", Some(&challenge)).await);
}

/// Rule S1: the list of message types is closed, and only a challenge opens the one function that issues.
#[tokio::test]
async fn of_all_message_types_none_issues_without_a_challenge_and_only_two_with_one() {
    let world = World::new();
    let client = Client::new(&world, rsa_key(0));
    let csr = make_csr(&client.key, "x", None);
    let (challenge, ticket) = portal(&world);
    let good = make_csr(&client.key, "x", Some(&challenge));
    let types =
        (0..=255).map(|t: u16| t.to_string()).chain(["", "19 ", " 19", "019", "1 9"].map(String::from));
    for kind in types {
        let message = client.message_of(&kind, &csr, "t");
        let answer = client.post(message.clone()).await;
        if answer.status == StatusCode::OK {
            assert!(matches!(client.read(&answer, &message), Reply::Failed { .. }), "{kind:?}");
        } else {
            assert!(matches!(answer.status.as_u16(), 400 | 503), "{kind:?}: {}", answer.status);
        }
        if kind != "19" {
            let answer = client.post(client.message_of(&kind, &good, "t")).await;
            assert!(answer.body.len() < 2500, "{kind:?}: no certificate fits into a failure");
        }
        world.pass(61);
        let uses = store::tickets::get(&world.read(), &ticket).expect("readable").expect("a ticket").uses;
        assert_eq!(uses, 0, "{kind:?}");
        refresh(&world, &challenge);
    }
    issued(client.ask("19", Some(&challenge)).await);
}

fn refresh(world: &World, challenge: &str) {
    let (hash, until) = (sha256(challenge.as_bytes()), world.now().plus_secs(3600));
    world.write(move |w| {
        let mut row = store::tickets::challenge(w, &hash)?.expect("a challenge");
        row.expires = until;
        Ok(store::tickets::put_challenge(w, &hash, &row)?)
    });
}

#[tokio::test]
async fn a_renewal_is_signed_by_the_certificate_of_the_device_and_has_a_challenge_too() {
    let world = World::new();
    let mut device = world.device("00008020-000123456789ABCD");
    let (challenge, _) = portal(&world);
    let key = rsa_key(0);
    device.cert = issued(Client::new(&world, key.clone()).ask("19", Some(&challenge)).await);
    device.key = key.clone();

    let purpose = || Purpose::Renewal { enrollment: device.id() };
    let renewing = |signer: &Cert, signer_key: &PrivateKey| Client {
        world: world.clone(),
        key: rsa_key(1),
        signer: signer.clone(),
        signer_key: signer_key.clone(),
    };
    let honest = renewing(&device.cert, &key);
    let good = world.challenge(purpose());
    assert_failed(&honest.ask("17", Some(&good)).await, 2);
    device.enroll().await;
    assert_failed(&honest.ask("17", None).await, 2);
    let of_another = Purpose::Renewal { enrollment: EnrollmentId::parse("another").expect("an id") };
    let foreign = world.challenge(of_another);
    assert_failed(&honest.ask("17", Some(&foreign)).await, 2);
    let stranger = renewing(&self_signed(&world, &rsa_key(2)), &rsa_key(2));
    assert_failed(&stranger.ask("17", Some(&good)).await, 2);
    let cert = issued(honest.ask("17", Some(&good)).await);
    let row = store::certificates::get(&world.read(), &cert.fingerprint()).expect("readable").expect("a row");
    assert_eq!(row.purpose, purpose());
}

#[tokio::test]
async fn sc_get_plus() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    let message = (0..)
        .map(|n| client.message("19", Some(&challenge), &format!("t{n}")))
        .find(|m| STANDARD.encode(m).contains('+') && STANDARD.encode(m).contains('/'))
        .expect("one with a plus");
    let text = STANDARD.encode(&message);
    let spellings = [
        text.replace('=', "%3D"),
        text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
        URL_SAFE_NO_PAD.encode(&message),
    ];
    for spelling in spellings {
        let answer = get(&world, &format!("operation=PKIOperation&message={spelling}")).await;
        issued(client.read(&answer, &message));
    }
}

#[tokio::test]
async fn sc_signer_key_differs() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client {
        world: world.clone(),
        key: rsa_key(0),
        signer: self_signed(&world, &rsa_key(1)),
        signer_key: rsa_key(1),
    };
    // `read` opens the reply with the signer's key.
    let cert = issued(client.ask("19", Some(&challenge)).await);
    assert_eq!(cert.public_der(), rsa_key(0).public_der());
}

/// A request by openssl that asks for a CA, server names and another device's name.
fn greedy_csr(challenge: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("req.cnf");
    let text = format!(
        "[req]\nprompt=no\ndistinguished_name=dn\nreq_extensions=ext\nattributes=attr\n\
         [dn]\nCN=another device\nO=Evil\n[attr]\nchallengePassword={challenge}\n\
         [ext]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n\
         extendedKeyUsage=serverAuth\nsubjectAltName=DNS:mdm.example.org\n"
    );
    std::fs::write(&config, text).expect("written");
    let key = folder.path().join("key.der");
    std::fs::write(&key, rsa_key(0).to_pkcs8().expose()).expect("written");
    let output = Command::new("openssl")
        .args(["req", "-new", "-outform", "DER", "-keyform", "DER", "-config"])
        .arg(config)
        .arg("-key")
        .arg(key)
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn sc_policy_subject() {
    let world = World::new();
    let (challenge, _) = portal(&world);
    let client = Client::new(&world, rsa_key(0));
    let message = client.message_of("19", &greedy_csr(&challenge), "t");
    let answer = client.post(message.clone()).await;
    let cert = issued(client.read(&answer, &message));
    assert!(uuid::Uuid::parse_str(&cert.common_name().expect("a name")).is_ok(), "a name that we drew");
    assert_eq!(cert.organization().as_deref(), Some("Orchard"));
    assert!(cert.hosts().is_empty());
    let now = world.now();
    assert!(Time::from_secs(cert.not_before()) <= now.plus_secs(-600), "clocks of devices run behind");
    assert!(Time::from_secs(cert.not_after()) <= now.plus_secs(398 * 86_400));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cert.der");
    std::fs::write(&path, cert.der()).expect("written");
    let text =
        Command::new("openssl").args(["x509", "-inform", "DER", "-noout", "-text", "-in"]).arg(path).output();
    let text = String::from_utf8(text.expect("openssl is installed").stdout).expect("text");
    assert!(text.contains("TLS Web Client Authentication") && !text.contains("TLS Web Server"), "{text}");
    assert!(!text.contains("CA:TRUE") && !text.contains("Certificate Sign"), "{text}");
}

#[tokio::test]
async fn sc_bad_padding_uniform() {
    let world = World::new();
    let client = Client::new(&world, rsa_key(0));
    let shape = |answer: &Answer, message: &[u8]| {
        assert_failed(&client.read(answer, message), 2);
        let signed = cms::verify_attached(&answer.body).expect("signed");
        let mut told: Vec<_> = signed.attributes.into_iter().map(|(oid, value)| (oid, value.len())).collect();
        told.sort();
        (told, answer.body.len())
    };
    let unknown = client.message("19", Some("no such challenge"), "t");
    let expected = shape(&client.post(unknown.clone()).await, &unknown);
    // The envelope is opened with another CA's key: every padding is wrong, each in its own way.
    for n in 0..40_u8 {
        let mut garbled = world.clone();
        let other = self_signed_ca(&world, n);
        garbled.app.authority = Arc::new(other);
        let wrong =
            Client { world: garbled, signer: client.signer.clone(), ..Client::new(&world, rsa_key(0)) };
        let message = wrong.message("19", Some("anything"), "t");
        let answer = client.post(message.clone()).await;
        assert_eq!(shape(&answer, &message), expected);
        world.pass(61);
    }
}

/// A CA with our CA's name and serial number, and another key: what is encrypted to it is addressed to ours.
fn self_signed_ca(world: &World, n: u8) -> pomona::actions::authority::Authority {
    let key = rsa_key(1 + usize::from(n % 3));
    let ours = world.app.authority.ca.der();
    let (ours_key, other_key) = (world.app.authority.key.public_der(), key.public_der());
    let at = ours.windows(ours_key.len()).position(|w| w == ours_key).expect("our key is in there");
    let mut der = ours.to_vec();
    assert_eq!(ours_key.len(), other_key.len());
    der[at..at + other_key.len()].copy_from_slice(&other_key);
    pomona::actions::authority::Authority { ca: Cert::parse(&der).expect("a certificate"), key }
}

#[tokio::test]
async fn sc_oversize() {
    let world = World::new();
    let post = |len: usize| {
        let request = Request::post("/scep?operation=PKIOperation").body(Body::from(vec![0x30; len]));
        world.send(request.expect("a request"))
    };
    assert_eq!(post((64 << 10) + 1).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(post(64 << 10).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(post(0).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn guessing_challenges_gets_slow() {
    let world = World::new();
    let client = Client::new(&world, rsa_key(0));
    for _ in 0..30 {
        assert_failed(&client.ask("19", Some("a guess")).await, 2);
    }
    let answer = client.post(client.message("19", Some("a guess"), "t")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    world.pass(60);
    assert_failed(&client.ask("19", Some("a guess")).await, 2);
}
