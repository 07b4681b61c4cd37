//! Names, passwords, codes.

use pomona::model::Time;
use pomona::model::account::{Account, Role};
use pomona::rules::credentials::{
    account_name, fold_code, full_name, may_suspend, password, setup_code, token_days, token_name,
};
use proptest::prelude::*;

#[test]
fn names_are_folded_and_what_could_mislead_is_refused() {
    assert_eq!(account_name("  Ada.Lovelace@example.org ").as_deref(), Ok("ada.lovelace@example.org"));
    for bad in [
        "",
        " ",
        "ada lovelace",
        "ada:x",
        "ada\nx",
        "аda",
        "<b>",
        "console",
        "POMONA",
        "device",
        "token",
        &"x".repeat(65),
    ] {
        assert_eq!(account_name(bad).expect_err(bad).code, "account.name");
    }
    assert_eq!(full_name("", "ada").as_deref(), Ok("ada"));
    assert_eq!(full_name(" Ada ", "ada").as_deref(), Ok("Ada"));
    assert!(full_name("a\u{1b}[2J", "ada").is_err());
    assert!(token_name("x\ny").is_err() && token_name("").is_err());
}

#[test]
fn long_phrases_pass_and_what_is_tried_first_does_not() {
    for good in [
        "eight pears in a wooden bowl",
        "Tr0ub4dor&3-and-more",
        "пятнадцать букв и больше",
        "正しい馬電池ホッチキスの針は長い文です",
    ] {
        assert_eq!(password(good, "ada"), Ok(()), "{good}");
    }
    for bad in [
        "",
        "fourteen chars",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "password12345678",
        "Passwort!!!12345",
        "ada-ada-ada-ada-",
        "1234567812345678",
        "Pomona2026!!!!!!",
    ] {
        assert_eq!(password(bad, "ada").expect_err(bad).code, "account.password");
    }
    assert!(password(&"long ago ".repeat(200), "ada").is_err(), "no work for megabytes");
}

#[test]
fn one_owner_always_can_sign_in() {
    let account = |name: &str, role, suspended| Account {
        name: name.into(),
        full_name: name.into(),
        role,
        password: String::new(),
        created: Time::default(),
        suspended,
    };
    let (ada, eve) = (account("ada", Role::Owner, false), account("eve", Role::Owner, true));
    let all = [ada.clone(), eve, account("bob", Role::Admin, false)];
    assert_eq!(may_suspend(&ada, "console", &all).expect_err("last").code, "account.last-owner");
    assert_eq!(may_suspend(&all[2], "bob", &all).expect_err("self").code, "account.yourself");
    assert_eq!(may_suspend(&all[2], "ada", &all), Ok(()));
    let two = [ada.clone(), account("eve", Role::Owner, false)];
    assert_eq!(may_suspend(&ada, "eve", &two), Ok(()));
}

#[test]
fn a_token_works_for_a_day_to_a_year() {
    assert_eq!((token_days(None), token_days(Some(1)), token_days(Some(365))), (Ok(90), Ok(1), Ok(365)));
    assert!(token_days(Some(0)).is_err() && token_days(Some(366)).is_err());
}

proptest! {
    #[test]
    fn a_setup_code_is_read_back_however_it_is_typed(random in any::<[u8; 20]>(), lower in any::<bool>()) {
        let code = setup_code(&random);
        prop_assert_eq!(code.len(), 23);
        let typed = if lower { code.to_lowercase() } else { code.clone() };
        let typed = typed.replace('-', " ").replace('0', "o").replace('1', "l");
        prop_assert_eq!(fold_code(&typed), fold_code(&code));
        prop_assert_eq!(fold_code(&code).len(), 20);
    }

    #[test]
    fn codes_of_different_bytes_differ(a in any::<[u8; 20]>(), b in any::<[u8; 20]>()) {
        let same = a.iter().zip(&b).all(|(x, y)| x % 32 == y % 32);
        prop_assert_eq!(setup_code(&a) == setup_code(&b), same);
    }
}
