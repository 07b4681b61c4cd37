//! Conformance cases 31 to 48: who speaks.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pomona::actions::check_in::{self, Caller};
use pomona::actions::{Failure, enrollments};
use pomona::model::account::Actor;
use pomona::model::certificate::{Certificate, Purpose};
use pomona::model::command::Errand;
use pomona::model::edge::roll;
use pomona::model::enrollment::{EnrollmentId, EscrowKind, State};
use pomona::rules::issue::VALID_DAYS;
use pomona::store;
use pomona::wire::cms::{self, Signing};
use pomona::wire::key::{Digest, PrivateKey};
use pomona::wire::mdm::checkin::CheckIn;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::{self, Dictionary, Value};
use pomona::wire::x509::{self, Cert, Draft, DraftProfile, certs_from_pem};

use super::pretend::{CHECK_IN, Pretend, START, TOPIC, World, rsa_key};

/// The UDID in `tests/vectors/body.plist`, an Idle.
const UDID: &str = "00008020-000123456789ABCD";
const OTHER: &str = "00008020-0000000000000002";

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a vector")
}

/// A world in which the device of the vectors is enrolled with the identity of this file.
async fn world_of(pem: &str) -> World {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let text = String::from_utf8(vector(pem)).expect("PEM");
    let cert = certs_from_pem(&text).expect("certificates").remove(0);
    let id = device.id();
    world.write(move |w| {
        let row = Certificate {
            fingerprint: cert.fingerprint(),
            der: cert.der().to_vec(),
            purpose: Purpose::Renewal { enrollment: id.clone() },
            challenge: [0; 32],
            issued: START,
            not_after: START.plus_secs(86_400),
            enrollment: Some(id.clone()),
            revoked: None,
        };
        store::certificates::put(w, &row)?;
        let mut enrollment = store::enrollments::get(w, &id)?.expect("enrolled");
        enrollment.certificate = Some(cert.fingerprint());
        Ok(store::enrollments::put(w, &enrollment)?)
    });
    world
}

fn signed(body: Vec<u8>, signature: &[u8]) -> Request<Body> {
    Request::put("/mdm")
        .header("Mdm-Signature", STANDARD.encode(signature))
        .body(Body::from(body))
        .expect("fine")
}

#[tokio::test]
async fn id_sig_sha1() {
    let world = world_of("dev-rsa.pem").await;
    world.send(signed(vector("body.plist"), &vector("sig_rsa_sha1_detached.der"))).await.assert_empty_ok();
}

#[tokio::test]
async fn id_sig_sha256() {
    let world = world_of("dev-rsa.pem").await;
    world.send(signed(vector("body.plist"), &vector("sig_rsa_sha256_detached.der"))).await.assert_empty_ok();
}

#[tokio::test]
async fn id_sig_ec() {
    let world = world_of("dev-ec.pem").await;
    world.send(signed(vector("body.plist"), &vector("sig_ec_sha256_detached.der"))).await.assert_empty_ok();
}

#[tokio::test]
async fn id_sig_noattr() {
    let world = world_of("dev-rsa.pem").await;
    world.send(signed(vector("body.plist"), &vector("sig_rsa_sha256_noattr.der"))).await.assert_empty_ok();
}

#[tokio::test]
async fn id_sig_tampered() {
    let world = world_of("dev-rsa.pem").await;
    let body = vector("body.plist");
    for signature in ["sig_rsa_sha1_detached.der", "sig_rsa_sha256_noattr.der", "sig_rsa_sha256_attached.der"]
    {
        for at in [0, body.len() / 2, body.len() - 1] {
            let mut tampered = body.clone();
            tampered[at] ^= 1;
            world.send(signed(tampered, &vector(signature))).await.assert_refused();
        }
    }
}

#[tokio::test]
async fn id_sig_attached() {
    let world = world_of("dev-rsa.pem").await;
    for signature in ["sig_rsa_sha256_attached.der", "sig_rsa_sha256_attached_BER.der"] {
        world.send(signed(vector("body.plist"), &vector(signature))).await.assert_empty_ok();
        let other = String::from_utf8(vector("body.plist")).expect("text").replace("Idle", "idle");
        world.send(signed(other.into_bytes(), &vector(signature))).await.assert_refused();
        world.send(signed(Vec::new(), &vector(signature))).await.assert_refused();
    }
}

/// Reads one DER element: its tag, and the ranges of the whole and of its contents.
fn element(der: &[u8], at: usize) -> (u8, std::ops::Range<usize>, std::ops::Range<usize>) {
    let first = der[at + 1];
    let (len, head) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let n = usize::from(first & 0x7f);
        (der[at + 2..at + 2 + n].iter().fold(0, |l, b| l << 8 | usize::from(*b)), 2 + n)
    };
    (der[at], at..at + head + len, at + head..at + head + len)
}

fn wrap(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0x83];
    out.extend_from_slice(&(contents.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(contents);
    out
}

/// The same SignedData with its last field, the set of signers, replaced.
fn with_signers(cms: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (_, _, info) = element(cms, 0);
    let (_, oid, _) = element(cms, info.start);
    let (_, _, explicit) = element(cms, oid.end);
    let (_, _, signed) = element(cms, explicit.start);
    let mut at = signed.start;
    let mut last = element(cms, at);
    while last.1.end < signed.end {
        at = last.1.end;
        last = element(cms, at);
    }
    assert_eq!(last.0, 0x31, "the signers are a set");
    let mut inner = cms[signed.start..at].to_vec();
    inner.extend(wrap(0x31, &change(&cms[last.2])));
    let mut outer = cms[oid].to_vec();
    outer.extend(wrap(0xa0, &wrap(0x30, &inner)));
    wrap(0x30, &outer)
}

#[tokio::test]
async fn id_sig_two_signers() {
    let world = world_of("dev-rsa.pem").await;
    let cms = vector("sig_rsa_sha256_detached.der");
    let same = with_signers(&cms, <[u8]>::to_vec);
    world.send(signed(vector("body.plist"), &same)).await.assert_empty_ok();
    let two = with_signers(&cms, |signer| [signer, signer].concat());
    world.send(signed(vector("body.plist"), &two)).await.assert_refused();
    let none = with_signers(&cms, |_| Vec::new());
    world.send(signed(vector("body.plist"), &none)).await.assert_refused();
}

#[tokio::test]
async fn id_sig_missing() {
    let world = world_of("dev-rsa.pem").await;
    let bare = Request::put("/mdm").body(Body::from(vector("body.plist"))).expect("a request");
    world.send(bare).await.assert_refused();
    for value in ["", "no base64 at all!", "AAAA"] {
        let request = Request::put("/mdm").header("Mdm-Signature", value);
        world.send(request.body(Body::from(vector("body.plist"))).expect("a request")).await.assert_refused();
    }
    let signature = STANDARD.encode(vector("sig_rsa_sha256_detached.der"));
    let twice = Request::put("/mdm").header("Mdm-Signature", &signature).header("Mdm-Signature", &signature);
    world.send(twice.body(Body::from(vector("body.plist"))).expect("a request")).await.assert_refused();
}

#[tokio::test]
async fn id_sig_oversize() {
    let world = world_of("dev-rsa.pem").await;
    let mut bomb = Vec::new();
    for _ in 0..4000 {
        bomb.extend_from_slice(&[0x30, 0x80]);
    }
    for signature in [vec![0x30; 20 << 10], bomb] {
        let started = Instant::now();
        world.send(signed(vector("body.plist"), &signature)).await.assert_refused();
        assert!(started.elapsed() < Duration::from_millis(50), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn id_selfsigned_signer() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let key = PrivateKey::generate_p256();
    let draft = Draft {
        common_name: device.cert.common_name().expect("a name"),
        organization: Some("Orchard".into()),
        uid: None,
        serial: roll(world.dice()),
        not_before: START.secs(),
        not_after: START.plus_secs(86_400).secs(),
        profile: DraftProfile::DeviceIdentity,
    };
    let forged = x509::issue(&draft, &key.public_der(), None, &key).expect("self-signed");
    let stranger = device.with_identity(key, forged);
    stranger.idle().await.assert_refused();
    stranger.authenticate().await.assert_refused();
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn a_certificate_of_our_ca_that_scep_did_not_issue_is_nobody() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let stranger = unlisted(&world, &device);
    stranger.idle().await.assert_refused();
    stranger.authenticate().await.assert_refused();
}

/// The same device with a certificate that our CA signed and no row tells of.
fn unlisted(world: &World, device: &Pretend) -> Pretend {
    let key = PrivateKey::generate_p256();
    let draft = pomona::actions::certificates::draft(world.dice(), "Orchard", world.now());
    let authority = &world.app.authority;
    let cert = x509::issue(&draft, &key.public_der(), Some(&authority.ca), &authority.key).expect("issued");
    device.with_identity(key, cert)
}

#[tokio::test]
async fn id_reuse() {
    let world = World::new();
    let first = world.enrolled(UDID).await;
    let before = world.enrollment(&first.id());
    let mut second = first.clone();
    second.keys = vec![("UDID", OTHER.into())];
    second.authenticate().await.assert_refused();
    assert_eq!(world.enrollment(&first.id()), before, "the first is not touched");
    assert!(world.enrollment(&second.id()).is_none());
    first.idle().await.assert_empty_ok();
    let alerts = world.alerts(&first.id());
    assert_eq!(alerts.len(), 1, "its certificate may have been cloned");
    assert!(alerts[0].text.contains(OTHER));
}

#[tokio::test]
async fn a_cloned_identity_alerts_at_both_devices_and_not_without_end() {
    let world = World::new();
    let first = world.enrolled(UDID).await;
    let second = world.enrolled(OTHER).await;
    let clone = Pretend { keys: second.keys.clone(), ..first.clone() };
    for _ in 0..20 {
        clone.authenticate().await.assert_refused();
        clone.idle().await.assert_refused();
    }
    for device in [&first, &second] {
        let alerts = world.alerts(&device.id()).len();
        assert!((1..=5).contains(&alerts), "{alerts}");
    }
}

#[tokio::test]
async fn id_spoof() {
    let world = World::new();
    let victim = world.enrolled(UDID).await;
    let thief = world.enrolled(OTHER).await;
    let uuid = world.ask(&victim.id(), vec![Ask::ShutDownDevice]).remove(0);
    let posing = Pretend { keys: victim.keys.clone(), ..thief.clone() };
    posing.idle().await.assert_refused();
    posing.acknowledge(&uuid).await.assert_refused();
    posing.check_in("GetBootstrapToken", &[]).await.assert_refused();
    posing.check_in("SetBootstrapToken", &[]).await.assert_refused();
    posing.token_update(&[]).await.assert_refused();
    posing.check_in("CheckOut", &[]).await.assert_refused();
    assert_eq!(victim.idle().await.uuid(), uuid);
    assert!(!world.alerts(&victim.id()).is_empty());
    assert!(!world.alerts(&thief.id()).is_empty());
}

#[tokio::test]
async fn id_same_reauth() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.authenticate().await.assert_empty_ok();
    assert!(world.alerts(&device.id()).is_empty());
    device.token_update(&[]).await.assert_empty_ok();
}

/// The same device with a new certificate from a new link.
fn with_new_certificate(world: &World, device: &Pretend) -> Pretend {
    let fresh = world.device(OTHER);
    device.with_identity(fresh.key, fresh.cert)
}

#[tokio::test]
async fn id_new_cert_reassoc() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("UnlockToken", Value::Data(b"unlock".to_vec()))]).await.assert_empty_ok();
    device.check_in("SetBootstrapToken", &[("BootstrapToken", Value::Data(b"boot".to_vec()))]).await;
    world.ask(&device.id(), vec![Ask::ShutDownDevice]);
    let again = with_new_certificate(&world, &device);
    again.authenticate().await.assert_empty_ok();
    assert_eq!(world.alerts(&device.id()).len(), 1);
    device.idle().await.assert_refused();
    device.authenticate().await.assert_refused();
    again.token_update(&[]).await.assert_empty_ok();
    let offered = again.drain().await;
    assert!(!offered.contains(&"ShutDownDevice".to_owned()), "no old command reaches the newcomer");
    again.check_in("GetBootstrapToken", &[]).await.assert_empty_ok();
    assert_eq!(world.escrow(&device.id(), EscrowKind::UnlockToken), None, "nor an old secret");
}

#[tokio::test]
async fn a_newcomer_that_does_not_know_the_serial_number_is_held_and_touches_nothing() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("UnlockToken", Value::Data(b"unlock".to_vec()))]).await.assert_empty_ok();
    let uuids = world.ask(&device.id(), vec![Ask::ShutDownDevice]);
    let mut thief = with_new_certificate(&world, &device);
    thief.serial = "ANOTHER".into();
    thief.authenticate().await.assert_refused();
    assert_eq!(world.enrollment(&device.id()).expect("a row").state, State::Enrolled);
    assert!(world.escrow(&device.id(), EscrowKind::UnlockToken).is_some());
    assert_eq!(device.idle().await.uuid(), uuids[0]);
    assert_eq!(world.alerts(&device.id()).len(), 1);

    // The administrator finds that it is right, ends the old management, and the device comes again.
    let (id, now) = (device.id(), world.now());
    world.write(move |w| enrollments::retire(w, &Actor::console(), &id, now));
    thief.authenticate().await.assert_empty_ok();
    device.idle().await.assert_refused();
}

#[tokio::test]
async fn a_takeover_needs_a_fresh_certificate() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let again = with_new_certificate(&world, &device);
    world.pass(3601);
    again.authenticate().await.assert_refused();
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn id_serial_mismatch() {
    let world = World::new();
    let mut device = world.device(UDID);
    let (ticket, _) = world.ticket(|t| t.serial = Some("SERIAL-S".into()));
    let purpose = Purpose::Portal { ticket: ticket.id, serial: Some("SERIAL-S".into()) };
    device.cert = world.certify(&device.key, purpose);
    device.serial = "SERIAL-T".into();
    device.authenticate().await.assert_refused();
    assert!(world.enrollment(&device.id()).is_none());
    device.serial = "SERIAL-S".into();
    device.authenticate().await.assert_empty_ok();
    device.serial = "SERIAL-T".into();
    let other = Pretend { keys: vec![("UDID", OTHER.into())], ..device.clone() };
    other.authenticate().await.assert_refused();
    assert_eq!(world.alerts(&device.id()).len(), 1);
}

/// Says Authenticate as a bearer of `account` would; the code of the refusal, if it was one.
fn authenticate_as(world: &World, device: &Pretend, account: Option<&str>) -> Result<(), &'static str> {
    let more = [("Topic", TOPIC.into()), ("SerialNumber", device.serial.clone().into())];
    let body = plist::to_xml(&Value::Dictionary(device.message("Authenticate", &more)));
    let said = CheckIn::parse(&body).expect("a message");
    let caller =
        Caller { fingerprint: device.cert.fingerprint(), account: account.map(Into::into), topic: None };
    let (dice, now) = (world.app.dice.clone(), world.now());
    let done =
        world.app.store.write_blocking(move |w| check_in::receive(w, &caller, &said, dice.as_ref(), now));
    done.map(|_| ()).map_err(|failure: Failure| failure.code())
}

#[tokio::test]
async fn id_purpose_table() {
    let world = World::new();
    let with = |keys: Vec<(&'static str, String)>, serial: &str, purpose: Purpose| {
        let mut device = world.device(OTHER);
        device.keys = keys;
        device.serial = serial.into();
        device.cert = world.certify(&device.key, purpose);
        device
    };
    let udid = |text: &str| vec![("UDID", text.to_owned())];
    let user_enrollment = |text: &str| vec![("EnrollmentID", text.to_owned())];
    let machine = |serial: &str, udid: &str| Purpose::Machine { serial: serial.into(), udid: udid.into() };
    let account = || Purpose::Account { account: "ada@example.org".into() };
    let renewal = |text: &str| Purpose::Renewal { enrollment: EnrollmentId::parse(text).expect("an id") };
    let portal = || {
        let (ticket, _) = world.ticket(|_| ());
        Purpose::Portal { ticket: ticket.id, serial: None }
    };

    let ada = Some("ada@example.org");
    let bad: Vec<(Pretend, Option<&str>, &str)> = vec![
        (with(udid("M1"), "S2", machine("S1", "M1")), None, "identity.machine"),
        (with(udid("M2"), "S1", machine("S1", "M1")), None, "identity.machine"),
        (with(udid("M1"), "", machine("", "M1")), None, "identity.machine"),
        (with(udid(""), "S1", machine("S1", "")), None, "check-in.malformed"),
        (with(user_enrollment("M1"), "S1", machine("S1", "M1")), None, "identity.machine"),
        (with(udid("R2"), "S1", renewal("R1")), None, "identity.renewal"),
        (with(udid("O1"), "S1", Purpose::OtaPhase1), None, "identity.phase1"),
        (with(user_enrollment("A1"), "", account()), None, "identity.account"),
        (with(user_enrollment("A1"), "", account()), Some("bob@example.org"), "identity.account"),
        (with(udid("A1"), "", account()), ada, "identity.account"),
    ];
    for (device, bearer, code) in bad {
        let claimed = device.keys[0].1.clone();
        if claimed.is_empty() {
            // The message itself cannot be read without an id.
            device.authenticate().await.assert_refused();
            continue;
        }
        assert_eq!(authenticate_as(&world, &device, bearer), Err(code), "{claimed}");
        device.authenticate().await.assert_refused();
        assert!(world.enrollment(&device.id()).is_none(), "nothing is stored of {claimed}");
        let row = store::certificates::get(&world.read(), &device.cert.fingerprint()).expect("readable");
        assert_eq!(row.expect("issued").enrollment, None);
    }

    let good: Vec<(Pretend, Option<&str>)> = vec![
        (with(udid("M1"), "S1", machine("S1", "M1")), None),
        (with(udid("R1"), "S2", renewal("R1")), None),
        (with(user_enrollment("R3"), "", renewal("R3")), None),
        (with(user_enrollment("A1"), "", account()), ada),
        (with(udid("P1"), "S3", portal()), None),
    ];
    for (device, bearer) in &good {
        assert_eq!(authenticate_as(&world, device, *bearer), Ok(()), "{}", device.id());
        device.token_update(&[]).await.assert_empty_ok();
        // Said again by the certificate that is bound now, nothing is asked any more: no bearer, no serial.
        let bare = Pretend { serial: String::new(), ..device.clone() };
        bare.authenticate().await.assert_empty_ok();
        device.token_update(&[]).await.assert_empty_ok();
    }
    // An enrolled user enrollment is not taken over by another certificate of the same account.
    let second = with(user_enrollment("A1"), "", account());
    assert_eq!(authenticate_as(&world, &second, ada), Err("identity.account"));
}

#[tokio::test]
async fn id_user_uses_parent_assoc() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let other = world.enrolled(OTHER).await;
    let user = device.user("ADA");
    user.token_update(&[]).await.assert_empty_ok();
    user.idle().await.assert_empty_ok();
    let posing = user.with_identity(other.key.clone(), other.cert.clone());
    posing.idle().await.assert_refused();
    posing.token_update(&[]).await.assert_refused();
}

/// An enrollment that came from another server: it has no certificate, and its device has one of our CA.
async fn migrated(world: &World) -> Pretend {
    let device = world.enrolled(UDID).await;
    let id = device.id();
    world.write(move |w| {
        let mut enrollment = store::enrollments::get(w, &id)?.expect("enrolled");
        enrollment.certificate = None;
        Ok(store::enrollments::put(w, &enrollment)?)
    });
    unlisted(world, &device)
}

#[tokio::test]
async fn id_retro_off() {
    let world = World::new();
    let device = migrated(&world).await;
    device.idle().await.assert_refused();
    device.token_update(&[]).await.assert_refused();
}

#[tokio::test]
async fn id_retro_on() {
    let world = World::new();
    let device = migrated(&world).await;
    world.set(|s| s.policy.adopt_unbound = true);
    device.idle().await.assert_empty_ok();
    device.token_update(&[]).await.assert_empty_ok();
    unlisted(&world, &device).idle().await.assert_refused();
    device.idle().await.assert_empty_ok();
    // Only certificates of our CA are taken over.
    let key = PrivateKey::generate_p256();
    let draft = pomona::actions::certificates::draft(world.dice(), "Orchard", world.now());
    let foreign = x509::issue(&draft, &key.public_der(), None, &key).expect("self-signed");
    let other = World::new();
    let victim = migrated(&other).await;
    other.set(|s| s.policy.adopt_unbound = true);
    victim.with_identity(key, foreign).idle().await.assert_refused();
}

#[tokio::test]
async fn id_expired_grace() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.ask(&device.id(), vec![Ask::ShutDownDevice]);
    world.pass(VALID_DAYS * 86_400);
    device.idle().await.assert_empty_ok();
    device.authenticate().await.assert_refused();
    device.token_update(&[]).await.assert_empty_ok();

    let (app, now) = (world.app.clone(), world.now());
    let prepared = enrollments::prepare_renewal(
        &world.read(),
        &device.id(),
        &app.site,
        &app.authority,
        app.dice.as_ref(),
        now,
    );
    let (prepared, id) = (prepared.expect("a profile"), device.id());
    let sent = world.write(move |w| {
        let file = prepared.profile.clone();
        enrollments::renew(w, &Actor::console(), &id, &prepared, file, app.dice.as_ref(), now)
    });
    assert_eq!(sent.errand, Errand::Renewal);
    assert_eq!(device.idle().await.command(), Some((sent.uuid.clone(), "InstallProfile".into())));
    device.acknowledge(&sent.uuid).await.assert_empty_ok();
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn id_revoked() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let (fingerprint, now) = (device.cert.fingerprint(), world.now());
    world.write(move |w| {
        let mut row = store::certificates::get(w, &fingerprint)?.expect("issued");
        row.revoked = Some(now);
        Ok(store::certificates::put(w, &row)?)
    });
    device.idle().await.assert_refused();
    device.authenticate().await.assert_refused();
    device.check_in("CheckOut", &[]).await.assert_refused();
}

#[tokio::test]
async fn id_skew() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let body = plist::to_xml(&Value::Dictionary(device.dictionary(&[("Status", "Idle".into())])));
    for time in [Some(device.cert.not_before() - 3), Some(0), Some(4_000_000_000), None] {
        let how = Signing {
            signer: &device.cert,
            key: &device.key,
            chain: &[],
            digest: Digest::Sha256,
            time,
            attributes: vec![],
            detached: true,
        };
        world.send(signed(body.clone(), &cms::sign(&body, &how))).await.assert_empty_ok();
    }
}

#[tokio::test]
async fn id_proxy_header_untrusted() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let body = plist::to_xml(&Value::Dictionary(device.dictionary(&[("Status", "Idle".into())])));
    let der = STANDARD.encode(device.cert.der());
    for (name, value) in [
        ("Client-Cert", format!(":{der}:")),
        ("ssl_client_escaped_cert", der.clone()),
        ("X-Client-Cert", der),
    ] {
        let request = Request::put("/mdm").header(name, value).body(Body::from(body.clone()));
        world.send(request.expect("a request")).await.assert_refused();
    }
}

#[tokio::test]
async fn an_rsa_identity_speaks_as_well() {
    let world = World::new();
    let (ticket, _) = world.ticket(|_| ());
    let key = rsa_key(0);
    let cert: Cert = world.certify(&key, Purpose::Portal { ticket: ticket.id, serial: None });
    let device = world.device(UDID).with_identity(key, cert);
    device.enroll().await;
    assert_eq!(device.drain().await.len(), 5);
}

#[tokio::test]
async fn nothing_is_stored_before_a_signature_holds() {
    let world = World::new();
    let device = world.device(UDID);
    let commits = *world.app.store.watch().borrow();
    let body = plist::to_xml(&Value::Dictionary(device.message("Authenticate", &[("Topic", TOPIC.into())])));
    let other = plist::to_xml(&Value::Dictionary(Dictionary::new()));
    let request =
        Request::put("/mdm").header("Content-Type", CHECK_IN).header("Mdm-Signature", device.sign(&other));
    let answer = world.send(request.body(Body::from(body)).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(*world.app.store.watch().borrow(), commits);
}
