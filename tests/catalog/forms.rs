//! Counts, addresses, inheritance and availability.

use std::collections::BTreeSet;

use pomona::catalog::{
    Catalog, Form, Key, Os, Version, catalog, check_ins, commands, declarations, skip_keys, status_items,
};
use pomona::wire::plist::{Dictionary, Value};

fn count(keys: &[Key]) -> usize {
    keys.iter().map(|key| 1 + count(&key.keys)).sum()
}

fn form(id: &str) -> &'static Form {
    catalog().form(id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn everything_of_the_schema_is_there() {
    let catalog: &Catalog = catalog();
    let schema = |form: &&Form| form.release != "added";
    assert_eq!(catalog.forms().iter().filter(schema).count(), 126);
    let types: BTreeSet<&str> =
        catalog.forms().iter().filter(schema).map(|f| f.payload_type.as_str()).collect();
    assert_eq!(types.len(), 120);
    let keys: usize = catalog.forms().iter().map(|form| count(&form.keys)).sum();
    assert!(keys >= 2_250, "{keys}");
    assert_eq!(form("com.apple.applicationaccess").keys.len(), 210);
    assert_eq!(commands().all().len(), 68);
    assert_eq!(check_ins().all().len(), 9);
    assert_eq!(declarations().all().len(), 64);
    assert_eq!(status_items().all().len(), 63);
    assert_eq!(skip_keys().all()[0].keys.len(), 53);
    for pane in &skip_keys().all()[0].keys {
        assert!(!pane.label.starts_with("Skip"), "{} has no name of ours", pane.name);
    }
    let mail = declarations().get("com.apple.configuration.account.mail").expect("a declaration");
    assert!(!mail.form.label.contains(':'), "{}", mail.form.label);
}

#[test]
fn categories_hold_every_form_and_recipes_point_to_keys() {
    let catalog = catalog();
    for form in catalog.forms() {
        assert!(catalog.categories().iter().any(|category| category.id == form.category), "{}", form.id);
    }
    let internal: Vec<&str> =
        catalog.forms().iter().filter(|form| form.internal).map(|form| form.id.as_str()).collect();
    assert_eq!(internal, ["com.apple.declarations", "com.apple.mdm"]);
    assert!(catalog.recipes().len() >= 20);
    for recipe in catalog.recipes() {
        let form = form(&recipe.form);
        for address in &recipe.keys {
            assert!(form.at(address).is_some(), "{}: {address:?}", recipe.id);
        }
        for (address, value) in &recipe.starts {
            let key = form.at(address).unwrap_or_else(|| panic!("{}: {address:?}", recipe.id));
            assert_eq!(key.judge(value), Ok(()), "{}: {address:?}", recipe.id);
        }
    }
}

#[test]
fn rules_name_keys_of_their_form_and_values_that_are_legal() {
    let mut rules = 0;
    for form in catalog().forms().iter().chain([catalog().top_level(), catalog().common()]) {
        for rule in &form.rules {
            rules += 1;
            let start = rule.within.clone().unwrap_or_default();
            let full = |address: &Vec<String>| [start.clone(), address.clone()].concat();
            for address in rule.needs.iter().chain(&rule.forbids).chain(&rule.one_of) {
                assert!(form.at(&full(address)).is_some(), "{}: {address:?}", form.id);
            }
            for (address, values) in &rule.when {
                let key = form.at(&full(address)).unwrap_or_else(|| panic!("{}: {address:?}", form.id));
                for value in values {
                    assert_eq!(key.judge(value), Ok(()), "{}: {address:?} {value:?}", form.id);
                }
            }
            assert!(!rule.says.is_empty());
        }
    }
    assert!(rules >= 60, "{rules}");
}

#[test]
fn an_address_in_a_document_leads_to_its_key() {
    let wifi = form("com.apple.wifi.managed");
    let key = |form: &'static Form, path: &str| {
        form.key(&path.split('/').collect::<Vec<_>>()).map(|key| key.name.as_str())
    };
    assert_eq!(key(wifi, "EAPClientConfiguration/AcceptEAPTypes/0"), Some("EAPType"));
    assert_eq!(key(wifi, "EAPClientConfiguration/AcceptEAPTypes/first"), None);
    assert_eq!(key(wifi, "NoSuchKey"), None);
    assert_eq!(wifi.key::<&str>(&[]).map(|key| &key.name), None);
    let custom = form("com.apple.ManagedClient.preferences");
    let path = "PayloadContent/com.example.app/Forced/0/mcx_preference_settings/AnyKey";
    assert_eq!(key(custom, path), Some("ANY"));
}

#[test]
fn recursion_goes_as_deep_as_the_document_and_no_further() {
    let home = form("com.apple.homescreenlayout");
    let folder = "Pages/0/0/Pages/0/0/".to_owned();
    let path = folder.clone() + "Pages/3/1/Pages/0/0/BundleID";
    let key = home.key(&path.split('/').collect::<Vec<_>>()).expect("a folder in a folder");
    assert_eq!(key.name, "BundleID");
    let dock =
        home.key(&"Dock/0/Pages/0/0/Type".split('/').collect::<Vec<_>>()).expect("a folder in the Dock");
    assert_eq!(dock.values.len(), 3);
    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Dictionary(keys) => 1 + keys.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    for id in ["com.apple.homescreenlayout", "com.apple.applicationaccess.new"] {
        let deep = depth(&Value::Dictionary(form(id).sample()));
        assert!((4..16).contains(&deep), "{id}: {deep}");
    }
}

#[test]
fn the_variants_of_a_type_are_told_apart_by_what_is_set() {
    let found = |keys: &[(&str, Value)]| {
        let mut payload: Dictionary =
            keys.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        payload.entry("PayloadType".to_owned()).or_insert("com.apple.MCX".into());
        catalog().form_for(&payload).map(|form| form.id.as_str())
    };
    assert_eq!(found(&[("DisableGuestAccount", true.into())]), Some("com.apple.MCX(Accounts)"));
    assert_eq!(found(&[("timeServer", "time.example.com".into())]), Some("com.apple.MCX(TimeServer)"));
    assert_eq!(found(&[("dontAllowFDEDisable", true.into())]), Some("com.apple.MCX(FileVault2)"));
    assert_eq!(found(&[("RequireAdminForIBSS", true.into())]), Some("com.apple.MCX(WiFi)"));
    let label = &form("com.apple.MCX(EnergySaver)").label;
    assert_eq!(found(&[("PayloadDisplayName", label.as_str().into())]), Some("com.apple.MCX(EnergySaver)"));
    let sso = |identifier: &str| {
        found(&[
            ("PayloadType", "com.apple.extensiblesso".into()),
            ("ExtensionIdentifier", identifier.into()),
            ("Type", "Credential".into()),
        ])
    };
    assert_eq!(sso("com.apple.AppSSOKerberos.KerberosExtension"), Some("com.apple.extensiblesso(kerberos)"));
    assert_eq!(sso("com.example.idp.extension"), Some("com.apple.extensiblesso"));
    assert_eq!(found(&[("PayloadType", "com.example.unknown".into())]), None);
}

#[test]
fn ethernet_takes_the_keys_of_wifi_where_ethernet_exists() {
    let ethernet = form("com.apple.firstactiveethernet.managed");
    let eap = ethernet.at(&["EAPClientConfiguration", "AcceptEAPTypes"]).expect("802.1X");
    assert!(!eap.label.is_empty() && eap.help.is_some());
    assert_eq!(eap.availability.on(Os::Ios).introduced, None);
    assert!(eap.availability.on(Os::Macos).introduced.is_some());
    let any = form("com.apple.globalethernet.managed").at(&["EAPClientConfiguration"]).expect("802.1X");
    assert_eq!(any.availability.on(Os::Ios).introduced, Some(Version(17, 0, 0)));
    assert!(ethernet.key(&["SomethingElse"]).is_some_and(Key::is_free));
}

#[test]
fn several_passcode_rules_come_to_the_strictest() {
    let key = |name: &str| form("com.apple.mobiledevice.passwordpolicy").key(&[name]).expect("a key");
    let numbers = [Value::Integer(6.into()), Value::Integer(10.into())];
    let both: Vec<&Value> = numbers.iter().collect();
    assert_eq!(key("minLength").combined(&both), Some(numbers[1].clone()));
    assert_eq!(key("maxInactivity").combined(&both), Some(numbers[0].clone()));
    let camera = form("com.apple.applicationaccess").key(&["allowCamera"]).expect("a key");
    assert_eq!(camera.combined(&[&true.into(), &false.into()]), Some(false.into()));
}

#[test]
fn two_readings_are_equal() {
    let shown = |catalog: &Catalog| {
        format!("{:?} {:?} {:?}", catalog.forms(), catalog.recipes(), catalog.top_level())
    };
    assert!(shown(&Catalog::load()) == shown(&Catalog::load()));
}
