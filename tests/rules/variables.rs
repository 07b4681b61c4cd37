//! Variables in profiles.

use super::documents::{any_document, office, payload, place, profile, reread, same, text};
use pomona::model::Time;
use pomona::model::device::Device;
use pomona::model::enrollment::{Enrollment, EnrollmentId, Kind, State};
use pomona::rules::variables::{Piece, Values, expand, pieces, unknown, used, values};
use pomona::wire::plist::Value;
use pomona::wire::profile::{Document, Step};
use proptest::prelude::*;

fn names(written: &str) -> Vec<&str> {
    let variable = |piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Text(_) => None,
    };
    pieces(written).into_iter().filter_map(variable).collect()
}

fn device() -> Device {
    let mut device = Device::unknown(EnrollmentId::parse("UDID-1").unwrap());
    device.name = "Ada’s iPhone".into();
    device.serial = Some("C02".into());
    device.product = Some("iPhone17,1".into());
    device.owner.short_name = "ada".into();
    device.owner.full_name = "Ada Augusta Lovelace".into();
    device.owner.email = "ada@example.org".into();
    device.owner.fields.insert("Desk".into(), "owner's".into());
    device.owner.fields.insert("Floor".into(), "2".into());
    device.fields.insert("desk".into(), "device's".into());
    device
}

fn enrollment(kind: Kind) -> Enrollment {
    Enrollment {
        id: EnrollmentId::parse("UDID-1").unwrap(),
        kind,
        state: State::Enrolled,
        tally: 1,
        first_seen: Time(0),
        authenticated_at: Time(0),
        enrolled_at: None,
        checked_out_at: None,
        awaiting: false,
        user_short_name: None,
        user_long_name: None,
        certificate: None,
        renewal: None,
        renewed_at: None,
    }
}

#[test]
fn a_variable_is_a_name_between_percent_signs_and_web_addresses_have_none() {
    assert_eq!(names("%SerialNumber%"), ["SerialNumber"]);
    assert_eq!(names("a %email% b %Room-2.x_y% c"), ["email", "Room-2.x_y"]);
    assert_eq!(names("%%email%%"), ["email"]);
    assert_eq!(names("100% of %Model%, 5%"), ["Model"]);
    assert_eq!(names("https://x/%E2%80%99/%20/%af%/%Department%"), ["Department"]);
    assert_eq!(names("https://x/?q=%E2abc%20&u=%ShortName%"), ["ShortName"]);
    assert_eq!(names("%ab%email%"), ["email"]);
    assert_eq!(names("%Ada%%Eve%"), ["Ada", "Eve"]);
    for none in
        ["", "%", "%%", "%9a%", "%a b%", "%naïve%", "%_x%", "%open", "%é%", &format!("%{}%", "n".repeat(65))]
    {
        assert_eq!(names(none), [""; 0], "{none}");
    }
    assert_eq!(names("%HostName% %AD_ComputerID% %ComputerName%"), [""; 0], "the Mac fills these itself");
    assert_eq!(names(&format!("%{}%", "n".repeat(64))).len(), 1);
}

#[test]
fn a_device_gives_its_values_and_the_nearest_one_wins() {
    let told = values(&device(), Some(&enrollment(Kind::Device)));
    let get = |name: &str| told.get(name).map(String::as_str);
    assert_eq!((get("serialnumber"), get("udid"), get("imei")), (Some("C02"), Some("UDID-1"), None));
    assert_eq!((get("firstname"), get("lastname")), (Some("Ada Augusta"), Some("Lovelace")));
    assert_eq!((get("desk"), get("floor")), (Some("device's"), Some("2")));
    let mut user = enrollment(Kind::User);
    user.user_short_name = Some("eve".into());
    user.user_long_name = Some("Eve".into());
    let told = values(&device(), Some(&user));
    assert_eq!(
        (told["shortname"].as_str(), told["fullname"].as_str(), told.get("lastname")),
        ("eve", "Eve", None)
    );
    let told = values(&device(), Some(&enrollment(Kind::UserEnrollment)));
    assert_eq!((told.get("udid"), told.get("serialnumber")), (None, None));
}

#[test]
fn old_spellings_mean_the_same() {
    let d = profile(&[payload(
        "t",
        "X",
        "<key>all</key><string>%short_name%|%SHORTNAME%|%full_name%|%email%|%serialnumber%|%Serial_Number%|%ProductName%</string>",
    )]);
    let filled = expand(&d, &values(&device(), None)).unwrap();
    let wanted = "ada|ada|Ada Augusta Lovelace|ada@example.org|C02|C02|iPhone17,1";
    assert_eq!(filled.get(&place("x:all")), Some(&text(wanted)));
}

#[test]
fn values_go_into_values_only_and_never_into_what_tells_profiles_apart() {
    let d = profile(&[payload(
        "t%Model%",
        "U%Model%",
        "<key>%Model%</key><array><string>%Model%</string><dict><key>PayloadUUID</key><string>%Model%</string></dict></array>\
         <key>data</key><data>JU1vZGVsJQ==</data>",
    )]);
    let mut model = Values::new();
    model.insert("model".into(), "</string><key>x</key>%email%".into());
    let filled = expand(&d, &model).unwrap();
    assert_eq!(filled.get(&place("#1:PayloadType")), Some(&text("t%Model%")));
    assert_eq!(filled.get(&place("#1:PayloadUUID")), Some(&text("U%Model%")));
    assert_eq!(filled.get(&place("#1:PayloadIdentifier")), Some(&text("org.example.U%Model%")));
    let value = text("</string><key>x</key>%email%");
    assert_eq!(filled.get(&place("#1:%Model%/0")), Some(&value));
    assert_eq!(filled.get(&place("#1:%Model%/1/PayloadUUID")), Some(&value));
    assert_eq!(filled.get(&place("#1:data")), Some(&Value::Data(b"%Model%".to_vec())));
    let told: Vec<String> = used(&d).into_iter().map(|(name, at)| format!("{name} {at}")).collect();
    assert_eq!(told, ["Model #1:%Model%/0", "Model #1:%Model%/1/PayloadUUID"]);
    assert!(same(&reread(&filled), &filled));
}

#[test]
fn what_nobody_knows_is_told_with_its_place() {
    let mut d = office();
    d.body.insert("PayloadDescription".into(), text("%Room% %email% %room% %Shelf%"));
    let known = vec!["ROOM".to_owned()];
    let told: Vec<String> =
        unknown(&d, &known).into_iter().map(|(name, at)| format!("{name} {at}")).collect();
    assert_eq!(told, ["Shelf :PayloadDescription"]);
    assert_eq!(used(&d).len(), 3);
    assert_eq!(expand(&d, &Values::new()).unwrap_err(), ["Room", "email", "Shelf"]);
}

#[test]
fn an_expansion_never_outgrows_a_profile() {
    let d =
        profile(&[payload("t", "X", &format!("<key>a</key><string>{}</string>", "%Big%".repeat(20_000)))]);
    let big = Values::from([("big".to_owned(), "x".repeat(10_000))]);
    assert_eq!(expand(&d, &big).unwrap_err(), ["Big"]);
}

/// Types, keys and counts, without the texts.
fn shape(document: &Document) -> Vec<String> {
    let mut shape = Vec::new();
    document.visit(&mut |at| {
        let kind = std::mem::discriminant(at.value);
        let plain = if matches!(at.value, Value::String(_)) {
            String::new()
        } else {
            format!("{:?}", at.value).len().to_string()
        };
        let plain =
            if matches!(at.value, Value::Array(_) | Value::Dictionary(_)) { String::new() } else { plain };
        shape.push(format!("{} {kind:?} {plain}", at.place()));
        Step::Into
    });
    shape
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn an_expansion_changes_texts_and_nothing_else(
        document in any_document(),
        value in prop_oneof![".{0,30}", Just("x".repeat(10_000)), Just("</string></dict>%email%&#0;\0\u{1b}".to_owned())],
        written in "[a-z %]{0,6}%Var%[a-z %<]{0,6}",
    ) {
        let mut document = document;
        document.body.insert("Extra".into(), Value::Array(vec![text(&written), Value::Boolean(true)]));
        let all = Values::from([("var".to_owned(), value.clone())]);
        // Names that chance made are not there: then nothing is filled.
        if let Ok(filled) = expand(&document, &all) {
            prop_assert_eq!(shape(&filled), shape(&document));
            let there = filled.get(&place(":Extra/0")).unwrap().as_string().unwrap();
            prop_assert!(there.contains(&value) || value.is_empty());
            prop_assert_eq!(shape(&reread(&filled)), shape(&document));
        }
    }

    #[test]
    fn the_pieces_of_a_text_are_the_text(written in "[%a-fA-F0-9 xyé_.-]{0,40}") {
        let whole: String = pieces(&written)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(part) => part.to_owned(),
                Piece::Variable(name) => format!("%{name}%"),
            })
            .collect();
        prop_assert_eq!(whole, written);
    }
}
