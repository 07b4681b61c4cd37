//! Every key of every form: its label, a legal value, an illegal one.

use std::collections::BTreeSet;

use pomona::catalog::{
    Form, Key, Kind, catalog, check_ins, commands, declarations, messages, skip_keys, status_items,
};
use pomona::wire::plist::Value;

/// Every form there is.
fn forms() -> Vec<&'static Form> {
    let catalog = catalog();
    let headers = [catalog.top_level(), catalog.common()];
    let others = commands().all().iter().chain(check_ins().all()).map(|command| &command.form);
    let declared = declarations().all().iter().map(|declaration| &declaration.form);
    let status = status_items().all().iter().map(|item| &item.form);
    catalog
        .forms()
        .iter()
        .chain(headers)
        .chain(others)
        .chain(declared)
        .chain(status)
        .chain(skip_keys().all())
        .chain(messages().all())
        .collect()
}

fn each_key(mut look: impl FnMut(&'static Form, String, &'static Key)) {
    for form in forms() {
        form.walk(&mut |address, key| look(form, format!("{} {}", form.id, address.join("/")), key));
    }
}

#[test]
fn every_form_and_key_has_a_label() {
    for form in forms() {
        assert!(!form.label.trim().is_empty(), "{}", form.id);
    }
    each_key(|_, place, key| {
        assert!(!key.label.trim().is_empty(), "{place}");
        assert_eq!(key.label, key.label.trim(), "{place}");
    });
}

#[test]
fn no_two_keys_side_by_side_are_called_the_same() {
    fn look(form: &Form, keys: &[Key]) {
        let mut seen = BTreeSet::new();
        let mut names = BTreeSet::new();
        for key in keys {
            // A list with items of two sorts under one name is one row.
            let twin = !names.insert(&key.name);
            assert!(seen.insert(key.label.to_lowercase()) || twin, "{}: {} {}", form.id, key.name, key.label);
            look(form, &key.keys);
        }
    }
    for form in forms() {
        look(form, &form.keys);
    }
}

#[test]
fn every_sample_is_legal_down_to_its_leaves() {
    fn look(form: &Form, key: &Key, value: &Value, place: &str) {
        key.judge(value).unwrap_or_else(|fault| panic!("{place}: {value:?} {fault}"));
        match value {
            Value::Dictionary(children) => {
                for (name, child) in children {
                    let known = form.keys_of(key).iter().find(|key| key.sample_name() == *name);
                    look(form, known.expect("a sample has known keys"), child, &format!("{place}/{name}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    look(form, &form.keys_of(key)[0], item, &format!("{place}/0"));
                }
            }
            _ => {}
        }
    }
    for form in forms() {
        for (name, value) in form.sample() {
            let key =
                form.keys.iter().find(|key| key.sample_name() == name).expect("a sample has known keys");
            look(form, key, &value, &format!("{} {name}", form.id));
        }
    }
}

#[test]
fn every_bad_sample_is_refused_for_its_reason() {
    let mut refused = 0;
    let mut free = Vec::new();
    each_key(|_, place, key| {
        let bad = key.bad_samples();
        if bad.is_empty() {
            free.push((place.clone(), key.kind));
        }
        for (value, reason) in bad {
            let fault = key.judge(&value).expect_err(&place);
            assert!(fault.contains(reason), "{place}: {fault}");
            refused += 1;
        }
    });
    assert!(refused > 4_800, "{refused}");
    for (place, kind) in free {
        assert_eq!(kind, Kind::Any, "{place} has no illegal value");
    }
}

#[test]
fn patterns_are_read_and_defaults_are_legal() {
    let mut patterns = 0;
    each_key(|_, place, key| {
        if let Some(pattern) = &key.pattern {
            assert!(pomona::catalog::reads_pattern(pattern), "{place}: {pattern}");
            patterns += 1;
        }
        if let Some(default) = &key.default {
            key.judge(default).unwrap_or_else(|fault| panic!("{place}: {fault}"));
        }
    });
    assert!(patterns >= 19);
}

#[test]
fn a_refusal_never_repeats_a_secret() {
    each_key(|_, place, key| {
        if key.secret {
            let typed = Value::String("hunter2-hunter2".to_owned());
            if let Err(fault) = key.judge(&typed) {
                assert!(!fault.contains("hunter2"), "{place}: {fault}");
            }
        }
    });
}

#[test]
fn samples_find_their_form_and_keys() {
    for form in catalog().forms() {
        let mut payload = form.sample();
        payload.insert("PayloadType".to_owned(), form.payload_type.as_str().into());
        let found = catalog().form_for(&payload).expect("a form");
        assert_eq!(found.id, form.id);
        for name in payload.keys().filter(|name| *name != "PayloadType") {
            assert!(form.key(&[name]).is_some(), "{} {name}", form.id);
        }
    }
}

#[test]
fn examples_are_legal_and_every_setting_of_a_profile_has_help() {
    let mut faults = Vec::new();
    let mut secrets = 0;
    for form in catalog().forms() {
        assert!(form.help.is_some(), "{}", form.id);
        form.walk(&mut |address, key| {
            let place = format!("{} {}", form.id, address.join("/"));
            // A free key of a payload that nobody describes is the one thing without words.
            if key.help.is_none() && !key.is_free() {
                faults.push(format!("{place} has no help"));
            }
            secrets += usize::from(key.secret);
            let Some(example) = &key.example else { return };
            let value = match key.kind {
                Kind::String | Kind::Any => Value::String(example.clone()),
                Kind::Integer => Value::Integer(example.parse::<i64>().expect(&place).into()),
                Kind::Real => Value::Real(example.parse().expect(&place)),
                _ => return,
            };
            if let Err(fault) = key.judge(&value) {
                faults.push(format!("{place} example {example}: {fault}"));
            }
        });
    }
    assert_eq!(faults, [] as [String; 0]);
    assert!(secrets >= 48, "{secrets}");
}

#[test]
fn texts_with_variables_are_judged_by_type_alone() {
    let mail =
        catalog().form("com.apple.mail.managed").expect("a form").key(&["EmailAddress"]).expect("a key");
    assert_eq!(mail.judge(&"%email%".into()), Ok(()));
    assert_eq!(mail.judge(&"nobody".into()), Err("must be an email address, as ada@example.com".into()));
    assert!(mail.judge(&"%%".into()).is_err() && mail.judge(&"100% of it".into()).is_err());
    let kind =
        catalog().form("com.apple.wifi.managed").expect("a form").key(&["EncryptionType"]).expect("a key");
    assert!(kind.judge(&"%encryption%".into()).is_err_and(|fault| fault.starts_with("must be one of")));
}
