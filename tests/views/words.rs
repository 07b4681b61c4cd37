use pomona::model::Time;
use pomona::views::address;
use pomona::views::words::*;

const NOW: Time = Time::from_secs(1_795_000_000);

#[test]
fn moments_are_told_from_where_the_reader_stands() {
    for (secs, said) in [
        (0, "just now"),
        (-44, "just now"),
        (-60, "1 min ago"),
        (-240, "4 min ago"),
        (-3600, "1 hour ago"),
        (-3 * 3600, "3 hours ago"),
        (-86_400, "1 day ago"),
        (-6 * 86_400, "6 days ago"),
        (10, "in a moment"),
        (300, "in 5 min"),
        (30 * 86_400, "in 30 days"),
    ] {
        assert_eq!(relative(NOW.plus_secs(secs), NOW), said);
    }
    assert_eq!(relative(NOW.plus_secs(-100 * 86_400), NOW), date(NOW.plus_secs(-100 * 86_400)));
}

#[test]
fn moments_in_full_name_the_zone() {
    assert_eq!(absolute(Time::from_secs(1_795_555_342)), "24 Nov 2026, 21:22 UTC");
    assert_eq!(date(Time::from_secs(0)), "1 Jan 1970");
    // Clamped instead of failing.
    assert!(!absolute(Time(i64::MAX)).is_empty());
}

#[test]
fn numbers_are_grouped_and_nouns_agree() {
    assert_eq!(number(0), "0");
    assert_eq!(number(999), "999");
    assert_eq!(number(1_204), "1,204");
    assert_eq!(number(u64::MAX), "18,446,744,073,709,551,615");
    assert_eq!(count(1, "device", "devices"), "1 device");
    assert_eq!(count(0, "device", "devices"), "0 devices");
    assert_eq!(span(3600), "1 hour");
    assert_eq!(span(7 * 86_400), "7 days");
    assert_eq!(span(600), "10 min");
}

#[test]
fn initials_are_two_letters_at_most() {
    assert_eq!(initials("Ada Lovelace King"), "AL");
    assert_eq!(initials("  école 7 "), "É7");
    assert_eq!(initials("<>"), "");
}

#[test]
fn addresses_encode_whatever_an_id_holds() {
    let id = pomona::model::enrollment::EnrollmentId::parse("A/../?b#c d:é").expect("id");
    assert_eq!(
        address::device(&id, address::DeviceTab::About),
        "/profilemanager/devices/A%2F..%2F%3Fb%23c%20d%3A%C3%A9"
    );
    assert_eq!(address::with_query("/x", &[("q", "a&b"), ("empty", ""), ("p", "1")]), "/x?q=a%26b&p=1");
}
