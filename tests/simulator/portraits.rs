//! Simulated devices look like real ones, and the same seed makes the same fleet.

use std::collections::HashSet;

use pomona::model::device::Platform;
use pomona::simulator::{Kind, Portrait};

#[test]
fn twenty_five_devices_are_a_small_organization() {
    let fleet: Vec<_> = (0..25).map(|n| Portrait::in_fleet(1, n)).collect();
    let count = |kind: Kind| fleet.iter().filter(|p| p.kind == kind).count();
    assert_eq!(count(Kind::AppleTv), 1);
    assert!(count(Kind::IPhone) >= 8 && count(Kind::IPad) >= 6 && count(Kind::Mac) >= 6);
}

#[test]
fn no_two_devices_of_a_big_fleet_are_the_same() {
    let fleet: Vec<_> = (0..5_000).map(|n| Portrait::in_fleet(1, n)).collect();
    let udids: HashSet<_> = fleet.iter().map(|p| &p.udid).collect();
    let serials: HashSet<_> = fleet.iter().map(|p| &p.serial).collect();
    let names: HashSet<_> = fleet.iter().map(|p| &p.name).collect();
    assert_eq!((udids.len(), serials.len(), names.len()), (5_000, 5_000, 5_000));
}

#[test]
fn the_same_seed_makes_the_same_device_and_another_seed_another() {
    assert_eq!(Portrait::in_fleet(1, 7), Portrait::in_fleet(1, 7));
    assert_ne!(Portrait::in_fleet(1, 7).serial, Portrait::in_fleet(2, 7).serial);
}

#[test]
fn a_server_reads_the_family_off_the_product_name() {
    for n in 0..100 {
        let p = Portrait::in_fleet(3, n);
        let expected = match p.kind {
            Kind::IPhone => Platform::IPhone,
            Kind::IPad => Platform::IPad,
            Kind::Mac => Platform::Mac,
            Kind::AppleTv => Platform::AppleTv,
        };
        assert_eq!(Platform::of(p.product), expected, "{}", p.product);
    }
}

#[test]
fn ids_have_the_shapes_of_real_ones() {
    for n in 0..200 {
        let p = Portrait::in_fleet(4, n);
        let dashes: Vec<_> = p.udid.match_indices('-').map(|(at, _)| at).collect();
        match p.kind {
            Kind::Mac => assert_eq!((p.udid.len(), dashes), (36, vec![8, 13, 18, 23])),
            _ => assert_eq!((p.udid.len(), dashes), (25, vec![8])),
        }
        assert_eq!(p.serial.len(), 10);
        if let Some(imei) = &p.imei {
            let digits: Vec<u32> = imei.chars().filter_map(|c| c.to_digit(10)).collect();
            assert_eq!(digits.len(), 15);
            let luhn: u32 = digits
                .iter()
                .enumerate()
                .map(|(at, d)| if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { *d })
                .sum();
            assert_eq!(luhn % 10, 0, "{imei}");
        }
    }
}
