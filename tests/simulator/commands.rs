//! What a simulated device does when commanded.

use std::time::Duration;

use pomona::simulator::{DeviceOptions, Kind};
use pomona::wire::Secret;
use pomona::wire::mdm::command::Request;
use pomona::wire::mdm::report;
use pomona::wire::plist::{self, Dictionary, Value};

use super::peer::Peer;
use super::{device_with, enrolled};

/// A profile with nothing in it.
pub fn profile(identifier: &str, uuid: &str) -> Secret {
    let mut d = Dictionary::new();
    let mut put = |key: &str, value: Value| d.insert(key.into(), value);
    put("PayloadType", Value::String("Configuration".into()));
    put("PayloadVersion", Value::Integer(1.into()));
    put("PayloadIdentifier", Value::String(identifier.into()));
    put("PayloadUUID", Value::String(uuid.into()));
    put("PayloadDisplayName", Value::String(format!("Profile {identifier}")));
    put("PayloadContent", Value::Array(Vec::new()));
    Secret::new(plist::to_xml(&Value::Dictionary(d)))
}

#[tokio::test]
async fn a_profile_that_is_encrypted_to_a_device_is_opened_by_it_alone() {
    use pomona::wire::cms::{self, Cipher};
    let peer = Peer::start().await;
    let mut device = enrolled(&peer, Kind::IPhone).await;
    let mut other = enrolled(&peer, Kind::IPad).await;
    let own = device.identity().expect("enrolled").certificate.clone();
    let plain = profile("org.secret", "SECRET-1");
    let mut body = plist::parse_dictionary(plain.expose(), plist::Limits::DEVICE).expect("a profile");
    let mut payload = Dictionary::new();
    payload.insert("PayloadType".into(), Value::String("org.example.settings".into()));
    payload.insert("Password".into(), Value::String("hunter2".into()));
    let inner = plist::to_xml(&Value::Array(vec![Value::Dictionary(payload)]));
    body.remove("PayloadContent");
    body.insert("IsEncrypted".into(), Value::Boolean(true));
    let sealed = cms::encrypt(&inner, &own, Cipher::Aes256, &[7; 48]).expect("encrypted");
    body.insert("EncryptedPayloadContent".into(), Value::Data(sealed));
    let file = Secret::new(plist::to_xml(&Value::Dictionary(body)));
    let install = || Request::InstallProfile { payload: file.clone() };
    let uuid = peer.queue(&install());
    device.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid).remove(0).text("Status"), Some("Acknowledged"));
    let held = device.shelf().get("org.secret").expect("installed");
    assert!(held.encrypted);
    assert_eq!(held.profile.payloads[0].0, "org.example.settings");
    let uuid = peer.queue(&install());
    other.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid).remove(0).text("Status"), Some("Error"));
    assert!(other.shelf().get("org.secret").is_none());
}

fn lock(pin: Option<&str>) -> Request {
    let pin = pin.map(|pin| Secret::new(pin.as_bytes()));
    Request::DeviceLock { pin, message: None, phone_number: None }
}

fn erase(pin: Option<&str>) -> Request {
    Request::EraseDevice {
        pin: pin.map(|pin| Secret::new(pin.as_bytes())),
        preserve_data_plan: None,
        disallow_proximity_setup: None,
        obliteration_behavior: None,
    }
}

#[tokio::test]
async fn the_questions_of_the_first_day_are_answered_so_that_a_server_understands() {
    let peer = Peer::start().await;
    for kind in [Kind::IPhone, Kind::IPad, Kind::Mac, Kind::AppleTv] {
        let mut device = enrolled(&peer, kind).await;
        let about = peer.queue(&Request::all_device_information());
        let security = peer.queue(&Request::SecurityInfo);
        let profiles = peer.queue(&Request::ProfileList);
        let certificates = peer.queue(&Request::CertificateList);
        let apps = peer.queue(&Request::InstalledApplicationList);
        let session = device.connect().await.expect("connected");
        assert_eq!(session.done.len(), 5);
        assert!(session.done.iter().all(|d| d.status == "Acknowledged"), "{session:?}");

        let body = |uuid: &str| peer.reports(uuid).remove(0).plist;
        let about = report::device_information(&body(&about)).expect("understood");
        assert_eq!(about.serial.as_deref(), Some(device.portrait.serial.as_str()));
        assert_eq!(about.os_version.as_deref(), Some(device.portrait.os_version));
        assert_eq!(about.supervised, Some(true));
        let security = report::security_info(&body(&security)).expect("understood");
        assert_eq!(security.fde_enabled.is_some(), kind == Kind::Mac);
        let profiles = report::profile_list(&body(&profiles)).expect("understood");
        assert_eq!(profiles.len(), 1, "the enrollment profile itself");
        let certificates = report::certificate_list(&body(&certificates)).expect("understood");
        assert_eq!(certificates.iter().filter(|c| c.is_identity).count(), 1);
        assert!(certificates.iter().any(|c| c.common_name == "Peer CA"));
        report::installed_application_list(&body(&apps)).expect("understood");
    }
}

#[tokio::test]
async fn reports_come_as_devices_send_them() {
    let peer = Peer::start().await;
    let mut device = enrolled(&peer, Kind::IPad).await;
    let uuid = peer.queue(&Request::SecurityInfo);
    device.connect().await.expect("connected");
    let idle = peer.heard_of("Idle").remove(0);
    assert_eq!(idle.content_type, "application/x-apple-aspen-mdm; charset=UTF-8");
    assert_eq!(idle.text("CommandUUID"), None);
    let report = peer.reports(&uuid).remove(0);
    assert_eq!(report.text("RequestType"), Some("SecurityInfo"));
    assert_eq!(report.connection, idle.connection, "one kept connection");
}

#[tokio::test]
async fn a_profile_of_the_same_identifier_is_replaced_and_can_be_removed() {
    let peer = Peer::start().await;
    let mut device = enrolled(&peer, Kind::IPhone).await;
    for (identifier, uuid) in [("org.a", "UUID-1"), ("org.b", "UUID-2"), ("org.a", "UUID-3")] {
        peer.queue(&Request::InstallProfile { payload: profile(identifier, uuid) });
    }
    device.connect().await.expect("connected");
    let pair = |i: &str, u: &str| (i.to_owned(), u.to_owned());
    assert_eq!(device.holdings().profiles, [pair("org.a", "UUID-3"), pair("org.b", "UUID-2")]);

    peer.queue(&Request::RemoveProfile { identifier: "org.b".into() });
    let again = peer.queue(&Request::RemoveProfile { identifier: "org.b".into() });
    device.connect().await.expect("connected");
    assert_eq!(device.holdings().profiles, [pair("org.a", "UUID-3")]);
    assert_eq!(peer.reports(&again)[0].text("Status"), Some("Error"));
}

#[tokio::test]
async fn what_is_no_profile_is_not_installed() {
    let peer = Peer::start().await;
    let mut device = enrolled(&peer, Kind::IPhone).await;
    let uuid = peer.queue(&Request::InstallProfile { payload: Secret::new(b"nothing".to_vec()) });
    device.connect().await.expect("connected");
    let report = peer.reports(&uuid).remove(0);
    assert_eq!(report.text("Status"), Some("Error"));
    let chain = report.plist.get("ErrorChain").and_then(Value::as_array).expect("a chain");
    let domain = chain[0].as_dictionary().and_then(|e| e.get("ErrorDomain")).and_then(Value::as_string);
    assert_eq!(domain, Some("MCInstallationErrorDomain"));
}

#[tokio::test]
async fn a_user_channel_has_profiles_of_its_own() {
    let peer = Peer::offering(&["com.apple.mdm.per-user-connections"]).await;
    let options = DeviceOptions { user_channel: true, ..DeviceOptions::default() };
    let mut mac = device_with(&peer, Kind::Mac, options);
    mac.enroll(&peer.link()).await.expect("enrolled");
    let uuid = peer.queue(&Request::InstallProfile { payload: profile("org.user", "U") });
    mac.connect_as(pomona::simulator::device::Channel::User(0)).await.expect("connected");
    assert!(peer.reports(&uuid)[0].text("UserID").is_some());
    assert!(mac.holdings().profiles.is_empty());
    assert_eq!(mac.user_profiles(0), Some(vec![("org.user".to_owned(), "U".to_owned())]));
}

#[tokio::test]
async fn only_the_very_unlock_token_clears_a_passcode() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let token = phone.unlock_token().expect("an iPhone has one").clone();
    let mut wrong = token.expose().to_vec();
    wrong[0] ^= 1;
    let refused = peer.queue(&Request::ClearPasscode { unlock_token: Secret::new(wrong) });
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&refused)[0].text("Status"), Some("Error"));
    assert!(phone.holdings().condition.passcode);
    let cleared = peer.queue(&Request::ClearPasscode { unlock_token: token });
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&cleared)[0].text("Status"), Some("Acknowledged"));
    assert!(!phone.holdings().condition.passcode);
}

#[tokio::test]
async fn a_mac_locks_with_six_characters_only_and_an_iphone_needs_none() {
    let peer = Peer::start().await;
    let mut mac = enrolled(&peer, Kind::Mac).await;
    for pin in [None, Some("12345"), Some("1234567")] {
        let uuid = peer.queue(&lock(pin));
        mac.connect().await.expect("connected");
        assert_eq!(peer.reports(&uuid)[0].text("Status"), Some("Error"), "{pin:?}");
    }
    assert_eq!(mac.holdings().condition.locked, None);
    peer.queue(&lock(Some("123456")));
    mac.connect().await.expect("connected");
    assert_eq!(mac.holdings().condition.locked, Some(Some(Secret::new(b"123456".to_vec()))));

    let mut phone = enrolled(&peer, Kind::IPhone).await;
    let uuid = peer.queue(&lock(None));
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid)[0].text("MessageResult"), Some("Success"));
}

#[tokio::test]
async fn an_erased_device_acknowledges_and_forgets_everything() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    peer.queue(&Request::InstallProfile { payload: profile("org.a", "A") });
    let uuid = peer.queue(&erase(None));
    let never = peer.queue(&Request::SecurityInfo);
    phone.connect().await.expect("connected");
    assert_eq!(peer.reports(&uuid)[0].text("Status"), Some("Acknowledged"));
    assert!(peer.reports(&never).is_empty());
    let holds = phone.holdings();
    assert!(!holds.enrolled && holds.profiles.is_empty() && holds.condition.erased == 1);
    assert!(peer.heard_of("CheckOut").is_empty(), "an erase tells nobody");
    assert!(phone.connect().await.is_err());
    phone.enroll(&peer.link()).await.expect("enrolls again");
    assert!(phone.is_enrolled());
}

#[tokio::test]
async fn a_restarting_device_is_away_for_a_while_and_one_shut_down_until_switched_on() {
    let peer = Peer::start().await;
    let mut phone = enrolled(&peer, Kind::IPhone).await;
    peer.queue(&Request::RestartDevice { notify_user: None });
    phone.connect().await.expect("connected");
    assert!(phone.off_for().is_some_and(|off| off <= Duration::from_secs(5)));
    phone.switch_on();
    peer.queue(&Request::ShutDownDevice);
    phone.connect().await.expect("connected");
    assert_eq!(phone.off_for(), Some(Duration::MAX));
    let before = peer.heard().len();
    phone.connect().await.expect("nothing happens");
    assert_eq!(peer.heard().len(), before);
}

#[tokio::test]
async fn what_a_device_does_not_know_it_says_as_its_system_does() {
    let peer = Peer::start().await;
    let mut unknown = Dictionary::new();
    unknown.insert("RequestType".into(), Value::String("MakeCoffee".into()));
    for (kind, status) in [(Kind::IPad, "CommandFormatError"), (Kind::Mac, "Error")] {
        let mut device = enrolled(&peer, kind).await;
        let uuid = peer.queue_raw(unknown.clone());
        device.connect().await.expect("connected");
        let report = peer.reports(&uuid).remove(0);
        assert_eq!(report.text("Status"), Some(status));
        let chain = report.plist.get("ErrorChain").and_then(Value::as_array).expect("a chain");
        let code = chain[0].as_dictionary().and_then(|e| e.get("ErrorCode"));
        assert_eq!(code.and_then(Value::as_signed_integer), Some(12_021));
    }
}

#[tokio::test]
async fn setup_assistant_waits_until_it_is_told_to_go_on() {
    let peer = Peer::start().await;
    let options = DeviceOptions { await_configuration: true, ..DeviceOptions::default() };
    let mut ipad = device_with(&peer, Kind::IPad, options);
    ipad.enroll(&peer.link()).await.expect("enrolled");
    assert_eq!(
        peer.heard_of("TokenUpdate")[0].plist.get("AwaitingConfiguration"),
        Some(&Value::Boolean(true))
    );
    assert!(ipad.holdings().awaiting);
    peer.queue(&Request::DeviceConfigured);
    ipad.connect().await.expect("connected");
    assert!(!ipad.holdings().awaiting);
}
