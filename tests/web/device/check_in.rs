//! Conformance cases 1 to 30: check-in.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use pomona::model::certificate::Purpose;
use pomona::model::command::State as CommandState;
use pomona::model::due::Work;
use pomona::model::enrollment::{EnrollmentId, EscrowKind, PendingRenewal, State};
use pomona::store::{self, Store};
use pomona::wire::key::PrivateKey;
use pomona::wire::mdm::command::Request as Ask;
use pomona::wire::plist::{self, Value};

use super::pretend::{CHECK_IN, Pretend, START, TOPIC, World};

const UDID: &str = "00008020-000123456789ABCD";

fn data(bytes: &[u8]) -> Value {
    Value::Data(bytes.to_vec())
}

fn id(text: &str) -> EnrollmentId {
    EnrollmentId::parse(text).expect("an id")
}

#[tokio::test]
async fn ck_authenticate_ok() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    let enrollment = world.enrollment(&device.id()).expect("it exists");
    assert_eq!((enrollment.state, enrollment.tally), (State::Authenticated, 0));
    let row = store::devices::get(&world.read(), &device.id()).expect("readable").expect("a device");
    assert_eq!(row.serial.as_deref(), Some(device.serial.as_str()));
    assert_eq!(row.os_version.as_deref(), Some("26.1"));
}

#[tokio::test]
async fn ck_tokenupdate_first() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[]).await.assert_empty_ok();
    let enrollment = world.enrollment(&device.id()).expect("it exists");
    assert_eq!((enrollment.state, enrollment.tally), (State::Enrolled, 1));
    let enrolled = world.activities().into_iter().filter(|a| a.kind == "enrolled").count();
    assert_eq!(enrolled, 1);
    let queue = store::commands::queue(&world.read(), &device.id()).expect("a queue");
    let kinds: Vec<_> = queue.iter().map(|c| c.request_type.as_str()).collect();
    assert_eq!(
        kinds,
        ["DeviceInformation", "SecurityInfo", "ProfileList", "CertificateList", "InstalledApplicationList"]
    );
    let pushes = store::dues::count(&world.read(), Work::Push).expect("a count");
    assert_eq!(pushes, 1, "one push however many commands");
}

#[tokio::test]
async fn ck_tokenupdate_again() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.token_update(&[("Token", data(b"another token"))]).await.assert_empty_ok();
    let push =
        store::enrollments::push_info(&world.read(), &device.id()).expect("readable").expect("push info");
    assert_eq!(push.token.expose(), b"another token");
    assert_eq!(world.enrollment(&device.id()).expect("it exists").tally, 2);
    let enrolled = world.activities().into_iter().filter(|a| a.kind == "enrolled").count();
    assert_eq!(enrolled, 1, "no second event");
    assert!(store::commands::queue(&world.read(), &device.id()).expect("a queue").is_empty());
}

#[tokio::test]
async fn ck_unlocktoken_kept() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("UnlockToken", data(b"first"))]).await.assert_empty_ok();
    device.token_update(&[]).await.assert_empty_ok();
    let kept = || world.escrow(&device.id(), EscrowKind::UnlockToken).expect("a token");
    assert_eq!(kept().expose(), b"first");
    device.token_update(&[("UnlockToken", data(b"second"))]).await.assert_empty_ok();
    assert_eq!(kept().expose(), b"second");
}

#[tokio::test]
async fn ck_content_type_param() {
    let world = World::new();
    let device = world.device(UDID);
    let message = device.message("Authenticate", &[("Topic", TOPIC.into())]);
    let body = plist::to_xml(&Value::Dictionary(message));
    let content_type = format!("{CHECK_IN}; charset=UTF-8");
    world.send(device.request(Some(&content_type), body)).await.assert_empty_ok();
    assert!(world.enrollment(&device.id()).is_some());
}

#[tokio::test]
async fn ck_post_accepted() {
    let world = World::new();
    let device = world.device(UDID);
    let message = device.message("Authenticate", &[("Topic", TOPIC.into())]);
    let body = plist::to_xml(&Value::Dictionary(message));
    let mut request = device.request(Some(CHECK_IN), body);
    *request.method_mut() = Method::POST;
    world.send(request).await.assert_empty_ok();
    for method in [Method::GET, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let mut request = device.request(Some(CHECK_IN), Vec::new());
        *request.method_mut() = method;
        assert_eq!(world.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn ck_minimal_authenticate() {
    let world = World::new();
    let device = world.device(UDID);
    device.check_in("Authenticate", &[("Topic", TOPIC.into())]).await.assert_empty_ok();
    assert!(world.enrollment(&device.id()).is_some());
}

#[tokio::test]
async fn ck_unknown_message() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.check_in("Foo", &[]).await.assert_refused();
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn ck_garbage() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for body in
        [&b"this is no property list"[..], b"", b"bplist00", b"<plist version=\"1.0\"><array/></plist>"]
    {
        world.send(device.request(Some(CHECK_IN), body.to_vec())).await.assert_refused();
        world.send(device.request(None, body.to_vec())).await.assert_refused();
    }
}

#[tokio::test]
async fn ck_no_id() {
    let world = World::new();
    let mut device = world.device(UDID);
    device.keys = vec![];
    device.check_in("Authenticate", &[("Topic", TOPIC.into())]).await.assert_refused();
    device.report(&[("Status", "Idle".into())]).await.assert_refused();
}

#[tokio::test]
async fn ck_both_ids() {
    let world = World::new();
    let mut device = world.device(UDID);
    device.keys.push(("EnrollmentID", "an-enrollment-id".into()));
    device.authenticate().await.assert_empty_ok();
    assert!(world.enrollment(&id(UDID)).is_some());
    assert!(world.enrollment(&id("an-enrollment-id")).is_none());
}

#[tokio::test]
async fn ck_shared_ipad_user() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let mut user = device.clone();
    user.keys.push(("UserID", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF".into()));
    user.keys.push(("UserShortName", "ada".into()));
    user.token_update(&[]).await.assert_empty_ok();
    let channel = world.enrollment(&id(&format!("{UDID}:ada"))).expect("a user channel");
    assert_eq!(channel.state, State::Enrolled);
}

#[tokio::test]
async fn ck_user_enrollment_ids() {
    let world = World::new();
    let mut device = world.device(UDID);
    device.keys = vec![("EnrollmentID", "E-1".into())];
    device.enroll().await;
    let mut user = device.clone();
    user.keys.push(("EnrollmentUserID", "V-1".into()));
    user.token_update(&[]).await.assert_empty_ok();
    let channel = world.enrollment(&id("E-1:V-1")).expect("a user channel");
    assert_eq!(channel.id.device(), id("E-1"));
    let children = store::enrollments::children(&world.read(), &id("E-1")).expect("children");
    assert_eq!(children.len(), 1);
}

#[tokio::test]
async fn ck_user_token_separate() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let before = store::enrollments::push_info(&world.read(), &device.id()).expect("readable");
    let user = device.user("ADA");
    user.token_update(&[("PushMagic", "user magic".into())]).await.assert_empty_ok();
    let read = world.read();
    assert_eq!(store::enrollments::push_info(&read, &device.id()).expect("readable"), before);
    let own = store::enrollments::push_info(&read, &user.id()).expect("readable").expect("push info");
    assert_eq!(own.magic.expose(), b"user magic");
}

#[tokio::test]
async fn ck_notonconsole_string() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.user("ADA").token_update(&[("NotOnConsole", "false".into())]).await.assert_empty_ok();
}

#[tokio::test]
async fn ck_checkout() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("UnlockToken", data(b"unlock"))]).await.assert_empty_ok();
    let user = device.user("ADA");
    user.token_update(&[]).await.assert_empty_ok();
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    for channel in [&device, &user] {
        assert_eq!(world.enrollment(&channel.id()).expect("its row stays").state, State::CheckedOut);
        assert_eq!(world.due(Work::Push, &channel.id()), None, "nobody is rung");
    }
    let kept = world.escrow(&device.id(), EscrowKind::UnlockToken).expect("escrow is kept");
    assert_eq!(kept.expose(), b"unlock");
    device.check_in("CheckOut", &[]).await.assert_empty_ok();
    let goodbyes = world.activities().into_iter().filter(|a| a.kind == "checked-out").count();
    assert_eq!(goodbyes, 1, "a goodbye said twice is one goodbye");
}

#[tokio::test]
async fn ck_checkout_user() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let (ada, bob) = (device.user("ADA"), device.user("BOB"));
    ada.token_update(&[]).await.assert_empty_ok();
    bob.token_update(&[]).await.assert_empty_ok();
    ada.check_in("CheckOut", &[]).await.assert_empty_ok();
    let state = |d: &Pretend| world.enrollment(&d.id()).expect("a row").state;
    assert_eq!(state(&ada), State::CheckedOut);
    assert_eq!((state(&bob), state(&device)), (State::Enrolled, State::Enrolled));
}

#[tokio::test]
async fn ck_bstoken_none() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.check_in("GetBootstrapToken", &[]).await.assert_empty_ok();
}

async fn bootstrap_token(device: &Pretend) -> Option<Vec<u8>> {
    let answer = device.check_in("GetBootstrapToken", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    if answer.body.is_empty() {
        return None;
    }
    assert_eq!(answer.content_type.as_deref(), Some("application/xml; charset=UTF-8"));
    let token = answer.dictionary();
    Some(plist::data(&token, "BootstrapToken").expect("data").expect("a token").to_vec())
}

#[tokio::test]
async fn ck_bstoken_roundtrip() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let token: Vec<u8> = (0..48).map(|n| n * 5).collect();
    device.check_in("SetBootstrapToken", &[("BootstrapToken", data(&token))]).await.assert_empty_ok();
    assert_eq!(bootstrap_token(&device).await, Some(token));
}

#[tokio::test]
async fn ck_bstoken_delete() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for last in [vec![("BootstrapToken", data(b""))], vec![]] {
        let set = [("BootstrapToken", data(b"a token"))];
        device.check_in("SetBootstrapToken", &set).await.assert_empty_ok();
        device.check_in("SetBootstrapToken", &last).await.assert_empty_ok();
        assert_eq!(bootstrap_token(&device).await, None);
    }
}

#[tokio::test]
async fn ck_bstoken_cleared_on_reenroll() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    device.check_in("SetBootstrapToken", &[("BootstrapToken", data(b"a token"))]).await.assert_empty_ok();
    device.authenticate().await.assert_empty_ok();
    assert_eq!(bootstrap_token(&device).await, None);
}

/// The device after the server sent it a renewal, with the certificate it got for it.
async fn renewing(world: &World) -> (Pretend, Pretend) {
    let device = world.enrolled(UDID).await;
    device.check_in("SetBootstrapToken", &[("BootstrapToken", data(b"a token"))]).await.assert_empty_ok();
    let key = PrivateKey::generate_p256();
    let cert = world.certify(&key, Purpose::Renewal { enrollment: device.id() });
    let fingerprint = cert.fingerprint();
    let id = device.id();
    world.write(move |w| {
        let issued = store::certificates::get(w, &fingerprint)?.expect("it was issued");
        let mut enrollment = store::enrollments::get(w, &id)?.expect("it is enrolled");
        enrollment.renewal = Some(PendingRenewal { challenge: issued.challenge, sent_at: START, tries: 1 });
        Ok(store::enrollments::put(w, &enrollment)?)
    });
    world.ask(&device.id(), vec![Ask::ShutDownDevice]);
    let renewed = device.with_identity(key, cert);
    (device, renewed)
}

#[tokio::test]
async fn ck_bstoken_kept_on_renewal() {
    let world = World::new();
    let (old, device) = renewing(&world).await;
    device.authenticate().await.assert_empty_ok();
    // The reply was lost, and the device says it again.
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[]).await.assert_empty_ok();
    assert_eq!(bootstrap_token(&device).await, Some(b"a token".to_vec()));
    assert_eq!(device.idle().await.command().expect("the queue is kept").1, "ShutDownDevice");
    old.idle().await.assert_refused();
    let enrollment = world.enrollment(&device.id()).expect("a row");
    assert_eq!((enrollment.state, enrollment.renewal), (State::Enrolled, None));
}

#[tokio::test]
async fn until_a_renewal_is_settled_the_device_may_fall_back_to_its_old_certificate() {
    let world = World::new();
    let (old, device) = renewing(&world).await;
    device.authenticate().await.assert_empty_ok();
    assert!(old.idle().await.command().is_some());
    device.token_update(&[]).await.assert_empty_ok();
    old.idle().await.assert_refused();
}

#[tokio::test]
async fn ck_renewal_but_awaiting() {
    let world = World::new();
    let (_, device) = renewing(&world).await;
    device.authenticate().await.assert_empty_ok();
    device.token_update(&[("AwaitingConfiguration", true.into())]).await.assert_empty_ok();
    assert_eq!(bootstrap_token(&device).await, None);
    let history = store::commands::history(&world.read(), &device.id(), None, 100).expect("a history");
    let shut_down = history.iter().find(|c| c.request_type == "ShutDownDevice").expect("it is remembered");
    assert_eq!(shut_down.state, CommandState::Dropped);
    let enrollment = world.enrollment(&device.id()).expect("a row");
    assert!(enrollment.awaiting && enrollment.tally == 1);
    assert_eq!(device.drain().await.last().map(String::as_str), Some("DeviceConfigured"));
}

#[tokio::test]
async fn ck_userauth_410() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let answer = device.user("ADA").check_in("UserAuthenticate", &[]).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::GONE, 0));
}

#[tokio::test]
async fn ck_userauth_empty() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    world.set(|s| s.policy.network_users = true);
    device.user("ADA").check_in("UserAuthenticate", &[]).await.assert_empty_ok();
}

/// Until the services behind them are built, tokens are refused with 400 and no known type is an exception.
#[tokio::test]
async fn ck_gettoken_maid() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for service in ["com.apple.maid", "com.apple.watch.pairing", "com.example.unknown"] {
        device.check_in("GetToken", &[("TokenServiceType", service.into())]).await.assert_refused();
    }
}

/// Until declarations are built, every endpoint of theirs is a 404: also the status, because no device of ours
/// was ever told to send one.
#[tokio::test]
async fn ck_ddm_status_empty() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for endpoint in ["status", "tokens", "declaration-items", "declaration/x/unknown"] {
        let more = [("Endpoint", endpoint.into()), ("Data", data(b"{}"))];
        let answer = device.check_in("DeclarativeManagement", &more).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_FOUND, 0));
    }
}

#[tokio::test]
async fn ck_storage_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), START).expect("opens");
    let world = World::with_store(store.clone());
    let device = world.enrolled(UDID).await;
    let uuid = world.ask(&device.id(), vec![Ask::ShutDownDevice]).remove(0);
    assert_eq!(device.idle().await.uuid(), uuid);

    let another = world.device("00008020-00000000000000FF");
    store.close();
    for answer in
        [device.acknowledge(&uuid).await, another.authenticate().await, device.token_update(&[]).await]
    {
        assert_eq!((answer.status, answer.body.len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
    }
    drop((world, device, another, store));

    let world = World::with_store(Store::open(folder.path(), START).expect("opens again"));
    let command = world.command(&id(UDID), &uuid);
    assert_eq!(command.state, CommandState::Sent, "the device will say it again");
    assert_eq!(store::commands::report(&world.read(), &id(UDID), &uuid).expect("readable"), None);
    assert_eq!(world.enrollment(&id(UDID)).expect("a row").tally, 1);
    assert!(world.enrollment(&id("00008020-00000000000000FF")).is_none());
}

#[tokio::test]
async fn ck_large_body() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let filler = "a".repeat(2 << 20);
    let message = device.message("Authenticate", &[("Topic", TOPIC.into()), ("Filler", filler.into())]);
    let body = plist::to_xml(&Value::Dictionary(message));
    let answer = world.send(device.request(Some(CHECK_IN), body)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);

    let filler = "a".repeat(12 << 20);
    let report = device.dictionary(&[
        ("Status", "Acknowledged".into()),
        ("CommandUUID", "unknown".into()),
        ("Filler", filler.into()),
    ]);
    let body = plist::to_xml(&Value::Dictionary(report));
    world.send(device.request(None, body)).await.assert_empty_ok();

    let body = vec![b' '; (16 << 20) + 1];
    let answer = world.send(device.request(None, body)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_last_byte_below_each_bound_is_read_and_the_first_above_is_not() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    for (content_type, max) in [(Some(CHECK_IN), 1 << 20), (None, 16 << 20)] {
        let status = |len: usize| {
            let mut request = Request::put("/mdm").header("Mdm-Signature", "AAAA");
            if let Some(content_type) = content_type {
                request = request.header(header::CONTENT_TYPE, content_type);
            }
            world.send(request.body(Body::from(vec![b' '; len])).expect("a request"))
        };
        assert_eq!(status(max).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(status(max + 1).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    device.idle().await.assert_empty_ok();
}

#[tokio::test]
async fn a_body_without_a_told_length_is_bounded_too() {
    let world = World::new();
    let body = Body::new(Endless(40));
    let request = Request::put("/mdm").header(header::CONTENT_TYPE, CHECK_IN).body(body).expect("a request");
    assert_eq!(world.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn ck_rts_unknown() {
    let world = World::new();
    let device = world.device(UDID);
    let reply = device.check_in("ReturnToService", &[]).await.dictionary();
    let inner = reply.get("ReturnToService").and_then(Value::as_dictionary).expect("a dictionary");
    assert_eq!(inner.get("Enabled").and_then(Value::as_boolean), Some(false));
}

#[tokio::test]
async fn a_user_channel_does_not_open_before_its_device_enrolled() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    device.user("ADA").token_update(&[]).await.assert_refused();
    assert!(world.enrollment(&device.user("ADA").id()).is_none());
}

#[tokio::test]
async fn a_token_update_before_any_authenticate_is_refused() {
    let world = World::new();
    let device = world.device(UDID);
    device.token_update(&[]).await.assert_refused();
    assert!(world.enrollment(&device.id()).is_none());
    device.enroll().await;
}

#[tokio::test]
async fn a_push_topic_of_another_server_is_kept_and_flagged() {
    let world = World::new();
    let device = world.device(UDID);
    device.authenticate().await.assert_empty_ok();
    for _ in 0..2 {
        device.token_update(&[("Topic", "com.apple.mgmt.External.other".into())]).await.assert_empty_ok();
    }
    let push =
        store::enrollments::push_info(&world.read(), &device.id()).expect("readable").expect("push info");
    assert_eq!(push.topic, "com.apple.mgmt.External.other");
    assert_eq!(world.alerts(&device.id()).len(), 1);
}

#[tokio::test]
async fn no_answer_to_any_message_is_ever_401() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let stranger = world.device("another");
    for message in [
        "Authenticate",
        "TokenUpdate",
        "CheckOut",
        "SetBootstrapToken",
        "GetBootstrapToken",
        "GetToken",
        "UserAuthenticate",
        "DeclarativeManagement",
        "ReturnToService",
        "IDoNotExist",
        "",
    ] {
        for who in [&device, &stranger, &device.user("ADA"), &stranger.user("BOB")] {
            let status = who.check_in(message, &[]).await.status;
            let fine = [200, 400, 403, 404, 410].contains(&status.as_u16());
            assert!(fine, "{message}: {status}");
        }
    }
}

/// The whole server around the endpoint changes nothing of what devices are told.
#[tokio::test]
async fn through_all_layers_a_device_is_told_the_same_and_never_401() {
    let world = World::new();
    let device = world.enrolled(UDID).await;
    let whole = World { router: pomona::web::routes(world.app.clone()), ..world.clone() };
    let idle = plist::to_xml(&Value::Dictionary(device.dictionary(&[("Status", "Idle".into())])));
    let addressed = |host: &str| {
        let mut request = device.request(None, idle.clone());
        request.headers_mut().insert(header::HOST, host.parse().expect("a host"));
        request
    };
    let answer = whole.send(addressed("mdm.example.org")).await;
    answer.assert_empty_ok();
    assert_eq!(answer.content_type, None);
    for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::OPTIONS, Method::HEAD] {
        for path in ["/mdm", "/mdm/", "/mdm/x", "/scep", "/scep?operation=PKIOperation", "/enroll/x/profile"]
        {
            for host in [Some("mdm.example.org"), Some("evil.example.org"), None] {
                let mut request = Request::builder().method(method.clone()).uri(path);
                if let Some(host) = host {
                    request = request.header(header::HOST, host);
                }
                let answer = whole.send(request.body(Body::empty()).expect("a request")).await;
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} {host:?}");
            }
        }
    }
}

/// A body of so many chunks that tells no length beforehand.
struct Endless(usize);

impl http_body::Body for Endless {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        let left = self.0;
        self.0 = left.saturating_sub(1);
        let chunk = || Ok(http_body::Frame::data(axum::body::Bytes::from(vec![b'x'; 64 << 10])));
        std::task::Poll::Ready((left > 0).then(chunk))
    }
}
