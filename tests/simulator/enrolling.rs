//! A simulated device comes under management and leaves it again.

use http::Method;
use pomona::simulator::keychain::SignatureForm;
use pomona::simulator::trust::Anchors;
use pomona::simulator::{Device, DeviceOptions, Kind, Portrait, Trouble, Trust};
use pomona::wire::key::Digest;
use pomona::wire::mdm::command::Request;
use pomona::wire::plist::Value;

use super::peer::{Peer, TOPIC};
use super::{device, device_with, enrolled, keys};

const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";

#[tokio::test]
async fn an_iphone_enrolls_as_apple_documents_it() {
    let peer = Peer::start().await;
    let device = enrolled(&peer, Kind::IPhone).await;
    let heard = peer.heard();
    let kinds: Vec<_> = heard.iter().filter_map(|h| h.text("MessageType")).collect();
    assert_eq!(kinds, ["Authenticate", "TokenUpdate"]);
    for message in &heard {
        assert_eq!(message.method, Method::PUT);
        assert_eq!(message.content_type, "application/x-apple-aspen-mdm-checkin");
        assert_eq!(message.text("UDID"), Some(device.portrait.udid.as_str()));
        assert_eq!(message.text("Topic"), Some(TOPIC));
        assert_eq!(message.signature.digest, Digest::Sha256);
        assert!(!message.signature.attached);
        assert!(message.signature.attributes.iter().any(|(oid, _)| oid == SIGNING_TIME));
    }
    let [authenticate, token_update] = heard.as_slice() else { panic!("two messages") };
    assert_eq!(authenticate.text("SerialNumber"), Some(device.portrait.serial.as_str()));
    assert_eq!(authenticate.text("ProductName"), Some(device.portrait.product));
    assert!(authenticate.text("IMEI").is_some());
    assert_eq!(token_update.data("Token").map(<[u8]>::len), Some(32));
    assert!(token_update.text("PushMagic").is_some_and(|m| m.len() == 36));
    assert!(token_update.data("UnlockToken").is_some_and(|t| t.len() > 100));
    assert_eq!(token_update.plist.get("AwaitingConfiguration"), Some(&Value::Boolean(false)));

    let state = peer.state.lock().expect("state");
    let operations: Vec<_> = state.scep.iter().map(|(m, q)| (m.as_str(), q.as_str())).collect();
    assert_eq!(
        operations,
        [
            ("GET", "operation=GetCACaps"),
            ("GET", "operation=GetCACert&message=MDM"),
            ("POST", "operation=PKIOperation"),
        ]
    );
    assert_eq!(device.identity().map(|i| &i.certificate), state.issued.first());
    assert_eq!(heard[0].signature.signer, state.issued[0]);
}

#[tokio::test]
async fn the_unlock_token_is_told_once_and_a_mac_has_none() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    phone.change_token().await.expect("a second TokenUpdate");
    let updates = peer.heard_of("TokenUpdate");
    assert!(updates[0].data("UnlockToken").is_some() && updates[1].data("UnlockToken").is_none());
    assert_ne!(updates[0].data("Token"), updates[1].data("Token"));
    enrolled(&peer, Kind::Mac).await;
    assert!(peer.heard_of("TokenUpdate")[2].data("UnlockToken").is_none());
}

#[tokio::test]
async fn a_mac_entrusts_its_bootstrap_token_and_opens_its_users_channel() {
    let capabilities = ["com.apple.mdm.per-user-connections", "com.apple.mdm.bootstraptoken"];
    let peer = Peer::offering(&capabilities).await;
    let options = DeviceOptions { user_channel: true, ..DeviceOptions::default() };
    let mut mac = device_with(&peer, Kind::Mac, options);
    mac.enroll(&peer.link()).await.expect("enrolled");
    let kinds: Vec<_> =
        peer.heard().iter().filter_map(|h| h.text("MessageType").map(str::to_owned)).collect();
    assert_eq!(kinds, ["Authenticate", "TokenUpdate", "SetBootstrapToken", "TokenUpdate"]);
    let updates = peer.heard_of("TokenUpdate");
    assert_eq!(updates[0].text("UserID"), None);
    assert!(updates[1].text("UserID").is_some() && updates[1].text("UserShortName").is_some());
    assert_ne!(updates[0].data("Token"), updates[1].data("Token"));
    assert_eq!(mac.doors().len(), 2);
    let back = mac.get_bootstrap_token().await.expect("asked");
    assert!(back.is_some() && back.as_ref() == mac.bootstrap_token());
}

#[tokio::test]
async fn every_way_to_sign_is_taken_by_a_server_that_verifies() {
    let peer = Peer::start().await;
    let forms =
        [SignatureForm::Usual, SignatureForm::Timeless, SignatureForm::Sha512, SignatureForm::Attached];
    for signature in forms {
        for ec_identity in [false, true] {
            let options = DeviceOptions { signature, ec_identity, ..DeviceOptions::default() };
            let mut device = device_with(&peer, Kind::IPad, options);
            device.enroll(&peer.link()).await.expect("enrolled");
            let last = peer.heard().pop().expect("heard");
            let timed = last.signature.attributes.iter().any(|(oid, _)| oid == SIGNING_TIME);
            assert_eq!(timed, signature != SignatureForm::Timeless, "{signature:?}");
            let sha512 = signature == SignatureForm::Sha512 && !ec_identity;
            assert_eq!(last.signature.digest == Digest::Sha512, sha512);
            assert_eq!(last.signature.attached, signature == SignatureForm::Attached);
            let rsa = last.signature.signer.public_key().is_some_and(|key| key.is_rsa());
            assert_eq!(rsa, !ec_identity);
        }
    }
}

#[tokio::test]
async fn scep_by_get_leaves_plus_and_slash_as_macos_does() {
    let peer = Peer::start().await;
    let options = DeviceOptions { scep_by_get: true, ..DeviceOptions::default() };
    let mut device = device_with(&peer, Kind::Mac, options);
    device.enroll(&peer.link()).await.expect("enrolled");
    let state = peer.state.lock().expect("state");
    let (method, query) = state.scep.last().expect("a request");
    assert_eq!(*method, Method::GET);
    assert!(query.contains('+') && query.contains('/'), "{} characters", query.len());
    assert!(!query.contains("%2B") && !query.contains("%2F"));
}

#[tokio::test]
async fn a_device_trusts_only_what_it_was_told_to_until_the_profile_brings_the_root() {
    let peer = Peer::start().await;
    let portrait = Portrait::of(Kind::IPad, 1, 1);
    let with = |trust: Trust| {
        let anchors = Anchors::new(trust);
        Device::new(portrait.clone(), 1, DeviceOptions::default(), keys(), anchors, Default::default())
    };
    let other = Peer::start().await;
    for trust in [Trust::Fingerprint(other.tls_fingerprint()), Trust::Roots(Vec::new())] {
        let refused = with(trust).enroll(&peer.link()).await;
        assert!(matches!(refused, Err(Trouble::Unreachable(_))), "{refused:?}");
    }
    assert!(peer.heard().is_empty());
    let mut device = with(Trust::Fingerprint(peer.tls_fingerprint()));
    device.enroll(&peer.link()).await.expect("enrolled");
    device.connect().await.expect("connected");
}

#[tokio::test]
async fn a_refused_authenticate_takes_the_profile_off_again() {
    let peer = Peer::start().await;
    let mut phone = device(&peer, Kind::IPhone);
    for refusals in [vec![400], vec![200, 403]] {
        let before = peer.heard().len();
        let steps = refusals.len();
        peer.state.lock().expect("state").refuse_next.extend(refusals);
        let refused = phone.enroll(&peer.link()).await;
        assert_eq!(peer.heard().len(), before + steps);
        assert!(matches!(refused, Err(Trouble::Refused { .. })), "{refused:?}");
        let holds = phone.holdings();
        assert!(!holds.enrolled && holds.profiles.is_empty());
    }
}

#[tokio::test]
async fn a_wrong_challenge_gets_no_certificate() {
    let peer = Peer::start().await;
    let mut phone = device(&peer, Kind::IPhone);
    let profile = String::from_utf8(peer.profile()).expect("text").replace("once-only", "twice-then");
    let refused = phone.install_enrollment(profile.as_bytes()).await;
    assert!(matches!(refused, Err(Trouble::NotIssued { info: Some(2), .. })), "{refused:?}");
    assert!(peer.heard().is_empty());
}

#[tokio::test]
async fn the_enrollment_profile_sent_again_renews_the_identity() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let before = phone.identity().expect("one").certificate.clone();
    let uuid = peer.queue(&Request::InstallProfile { payload: peer.profile().into() });
    phone.connect().await.expect("connected");
    let after = phone.identity().expect("one").certificate.clone();
    assert_ne!(before, after);
    let heard = peer.heard();
    let signers: Vec<_> = heard.iter().map(|h| h.signature.signer == after).collect();
    let kinds: Vec<_> = heard
        .iter()
        .map(|h| h.text("MessageType").or_else(|| h.text("Status")).unwrap_or_default())
        .collect();
    assert_eq!(kinds, ["Authenticate", "TokenUpdate", "Idle", "Authenticate", "TokenUpdate", "Acknowledged"]);
    assert_eq!(signers, [false, false, false, true, true, true]);
    assert_eq!(peer.reports(&uuid).len(), 1);
}

#[tokio::test]
async fn a_renewal_that_moves_the_server_is_refused_by_the_device() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let moved = String::from_utf8(peer.profile()).expect("text").replace("/mdm<", "/elsewhere<");
    let uuid = peer.queue(&Request::InstallProfile { payload: moved.into_bytes().into() });
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid)[0].text("Status"), Some("Error"));
    assert_eq!(peer.heard_of("Authenticate").len(), 1);
}

#[tokio::test]
async fn removing_the_enrollment_profile_says_goodbye_once() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let uuid = peer.queue(&Request::RemoveProfile { identifier: "org.peer.mdm".into() });
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid)[0].text("Status"), Some("Acknowledged"));
    assert_eq!(peer.heard_of("CheckOut").len(), 1);
    assert!(!phone.is_enrolled() && phone.holdings().profiles.is_empty());
}

#[tokio::test]
async fn a_401_ends_the_enrollment_and_other_refusals_do_not() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    for status in [400, 403, 404, 410, 500, 503] {
        peer.state.lock().expect("state").refuse_next.push_back(status);
        phone.connect().await.expect_err("refused");
        assert!(phone.is_enrolled(), "{status}");
    }
    peer.state.lock().expect("state").refuse_next.push_back(401);
    phone.connect().await.expect_err("refused");
    assert!(!phone.is_enrolled() && phone.holdings().profiles.is_empty());
}
