//! The configuration file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pomona::daemon::config::{Config, PushEndpoint, Raw, RawLog, keys};
use pomona::daemon::logs::Level;

fn meant(text: &str) -> Result<Config, String> {
    Raw::parse(text).and_then(Config::from_raw).map_err(|e| e.to_string())
}

#[test]
fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
    let cases = [
        ("hots = \"a\"", "unknown key `hots`; did you mean `host`?"),
        ("[tls]\ncertifcate = \"a\"", "unknown key `tls.certifcate`; did you mean `tls.certificate`?"),
        ("certificate = \"a\"", "unknown key `certificate`; did you mean `tls.certificate`?"),
        ("[log]\nrotate = 1", "unknown key `log.rotate`"),
        ("[limit]\nconnections = 1", "unknown key `limit`"),
        ("xylophone = 1", "unknown key `xylophone`; `pomona serve --print-config` lists the known ones"),
    ];
    for (text, said) in cases {
        let error = meant(text).expect_err(text);
        assert!(error.starts_with(said), "{text}: {error}");
    }
}

#[test]
fn a_value_without_meaning_is_refused_with_an_example() {
    for (text, part) in [
        ("listen = \"8443\"", "0.0.0.0:8443"),
        ("host = \"https://mdm.example.org\"", "mdm.example.org"),
        ("host = \"a b\"", "mdm.example.org"),
        ("[log]\nlevel = \"loud\"", "error, warn, info, debug or trace"),
        ("[log]\nkeep_mib = 0", "at least 1"),
        ("[tls]\nkey = \"k.pem\"", "needs `tls.certificate`"),
        ("[push]\nendpoint = \"http://127.0.0.1:1\"", "https://127.0.0.1:2197"),
        ("[push]\nendpoint = \"https://127.0.0.1:1\"", "needs `push.roots`"),
        ("[limits]\nexempt = [\"office\"]", "10.0.0.0/8"),
        ("listen = 8443", "expected a string"),
        ("tls = true", "is a section"),
        ("host = \"a\"\nhost = \"b\"", "duplicate key"),
    ] {
        let error = meant(text).expect_err(text);
        assert!(error.contains(part), "{text}: {error}");
    }
    let long = format!("data = \"/{}\"", "d".repeat(120));
    assert!(meant(&long).expect_err("too long for a socket").contains("set `socket` to a shorter one"));
}

/// The example with the key's line made real.
fn with_key_uncommented(key: &keys::Key) -> String {
    let (section, name) = key.name.split_once('.').map_or(("", key.name), |(s, n)| (s, n));
    let head = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
    format!("{head}{name} = {}\n", key.example)
}

#[test]
fn every_documented_key_is_understood_and_changes_what_it_says() {
    let plain = meant("").expect("everything is optional");
    for key in keys::KEYS {
        let mut text = with_key_uncommented(key);
        // These make sense in pairs only.
        match key.name {
            "tls.certificate" => text.push_str("key = \"k\"\n"),
            "tls.key" => text.push_str("certificate = \"c\"\n"),
            "push.roots" => text.push_str("endpoint = \"https://127.0.0.1:2197\"\n"),
            _ => {}
        }
        let changed = meant(&text).unwrap_or_else(|e| panic!("{}: {e}", key.name));
        assert!(!key.about.is_empty(), "{} is not explained", key.name);
        if key.is_default {
            assert_eq!(changed, plain, "the example of {} is not the default", key.name);
        } else {
            assert_ne!(changed, plain, "{} changes nothing", key.name);
        }
    }
}

#[test]
fn every_key_of_the_file_is_documented() {
    // A key that serde knows and the table does not could not be used: the table is asked first.
    let debug = format!("{:?}", Raw::default());
    let fields = debug.matches(": None").count();
    assert_eq!(fields, keys::KEYS.len(), "{debug}");
}

#[test]
fn the_example_file_is_what_the_code_says_and_means_the_defaults() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/pomona.toml");
    let shipped = std::fs::read_to_string(shipped).expect("packaging/pomona.toml");
    assert_eq!(shipped, keys::example_file(), "run `pomona serve --print-config > packaging/pomona.toml`");
    assert_eq!(meant(&shipped).expect("the example"), meant("").expect("nothing"));
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let flags = Raw {
        host: Some("flag.example".into()),
        log: RawLog { level: Some("debug".into()), ..RawLog::default() },
        ..Raw::default()
    };
    let file = Raw::parse("host = \"file.example\"\nport = 443\n[log]\nlevel = \"warn\"\nkeep_days = 3")
        .expect("a file");
    let config = Config::from_raw(flags.over(file)).expect("a configuration");
    assert_eq!(config.host, "flag.example");
    assert_eq!(config.log.level, Level::Debug);
    assert_eq!(config.log.keep_days, 3);
    assert_eq!(config.site(8443).base_url(), "https://flag.example");
    assert_eq!(config.limits.idle, Duration::from_secs(60));
}

#[test]
fn paths_in_a_file_are_relative_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pomona.toml");
    std::fs::write(
        &file,
        "data = \"d\"\nhost = \"MDM.Example.org.\"\n[tls]\ncertificate = \"c.pem\"\nkey = \"/abs/k.pem\"\n",
    )
    .expect("written");
    let config = Raw::read(&file).and_then(Config::from_raw).expect("a configuration");
    assert_eq!(config.data, folder.path().join("d"));
    assert_eq!(config.log.folder, folder.path().join("d/logs"));
    assert_eq!(config.host, "mdm.example.org");
    assert_eq!(config.tls, Some((folder.path().join("c.pem"), PathBuf::from("/abs/k.pem"))));
    assert_eq!(config.push, PushEndpoint::Production);
    let missing = Raw::read(&folder.path().join("none.toml")).expect_err("no such file");
    assert!(missing.to_string().contains("none.toml"));
}
