//! What a simulated device says of itself: product names, models and builds as real devices of that family do.

use super::chance::Chance;

/// Families of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// iPhone.
    IPhone,
    /// iPad.
    IPad,
    /// Mac.
    Mac,
    /// Apple TV.
    AppleTv,
}

impl Kind {
    /// The family of member `index` in a fleet: of ten devices four iPhones, three iPads, three Macs, and every
    /// twenty-fifth an Apple TV.
    pub fn in_fleet(index: usize) -> Self {
        match index {
            i if i % 25 == 24 => Self::AppleTv,
            i => [
                Self::IPhone,
                Self::Mac,
                Self::IPad,
                Self::IPhone,
                Self::Mac,
                Self::IPhone,
                Self::IPad,
                Self::Mac,
                Self::IPhone,
                Self::IPad,
            ][i % 10],
        }
    }

    /// Whether it runs iOS or iPadOS: those have unlock tokens and a passcode.
    pub fn has_passcode(self) -> bool {
        matches!(self, Self::IPhone | Self::IPad)
    }
}

struct Model {
    kind: Kind,
    /// `ProductName`.
    product: &'static str,
    /// `ModelName`.
    name: &'static str,
    /// `Model`: the order number that the device shows.
    number: &'static str,
    capacities_gb: &'static [f64],
}

const MODELS: &[Model] = &[
    Model {
        kind: Kind::IPhone,
        product: "iPhone17,3",
        name: "iPhone 16",
        number: "MYE93",
        capacities_gb: &[128.0, 256.0, 512.0],
    },
    Model {
        kind: Kind::IPhone,
        product: "iPhone16,1",
        name: "iPhone 15 Pro",
        number: "MTV03",
        capacities_gb: &[128.0, 256.0],
    },
    Model {
        kind: Kind::IPhone,
        product: "iPhone14,6",
        name: "iPhone SE",
        number: "MMX53",
        capacities_gb: &[64.0, 128.0],
    },
    Model {
        kind: Kind::IPad,
        product: "iPad14,3",
        name: "iPad Pro",
        number: "MNXD3",
        capacities_gb: &[128.0, 256.0],
    },
    Model {
        kind: Kind::IPad,
        product: "iPad13,18",
        name: "iPad",
        number: "MPQ03",
        capacities_gb: &[64.0, 256.0],
    },
    Model {
        kind: Kind::IPad,
        product: "iPad14,8",
        name: "iPad Air",
        number: "MUWC3",
        capacities_gb: &[128.0, 256.0],
    },
    Model {
        kind: Kind::Mac,
        product: "Mac16,10",
        name: "Mac mini",
        number: "MU9D3",
        capacities_gb: &[256.0, 512.0],
    },
    Model {
        kind: Kind::Mac,
        product: "Mac15,12",
        name: "MacBook Air",
        number: "MRXN3",
        capacities_gb: &[256.0, 512.0],
    },
    Model {
        kind: Kind::Mac,
        product: "Mac16,1",
        name: "MacBook Pro",
        number: "MW2U3",
        capacities_gb: &[512.0, 1024.0],
    },
    Model {
        kind: Kind::AppleTv,
        product: "AppleTV14,1",
        name: "Apple TV",
        number: "MN893",
        capacities_gb: &[64.0, 128.0],
    },
];

/// `(OSVersion, BuildVersion)` by family.
fn systems(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::IPhone | Kind::IPad => &[("26.1", "23B85"), ("26.0.1", "23A355"), ("18.7.2", "22H124")],
        Kind::Mac => &[("26.1", "25B78"), ("15.7.2", "24G325")],
        Kind::AppleTv => &[("26.1", "23J582")],
    }
}

const OWNERS: &[&str] = &[
    "Ada",
    "Alan",
    "Barbara",
    "Blaise",
    "Carl",
    "Dorothy",
    "Edsger",
    "Emmy",
    "Frances",
    "Grace",
    "Hedy",
    "Ida",
    "Joan",
    "Katherine",
    "Leonhard",
    "Margaret",
    "Niklaus",
    "Radia",
    "Sofia",
    "Tony",
    "Annie",
    "Chien-Shiung",
    "Donald",
    "Evelyn",
    "Fatima",
    "Gladys",
    "Hypatia",
    "John",
    "Lise",
    "Mary",
    "Ramon",
    "Shafi",
];

/// What a device says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// Family.
    pub kind: Kind,
    /// `UDID` in the shape of its family.
    pub udid: String,
    /// `SerialNumber`.
    pub serial: String,
    /// `DeviceName`.
    pub name: String,
    /// `ProductName`, as in `Mac16,10`.
    pub product: &'static str,
    /// `ModelName`.
    pub model_name: &'static str,
    /// `Model`.
    pub model: &'static str,
    /// `OSVersion`.
    pub os_version: &'static str,
    /// `BuildVersion`.
    pub build: &'static str,
    /// `IMEI`, on iPhones.
    pub imei: Option<String>,
    /// `IsSupervised`.
    pub supervised: bool,
    /// `BatteryLevel`, 0 to 1; -1 for what has no battery.
    pub battery: f64,
    /// `DeviceCapacity` in GB.
    pub capacity_gb: f64,
    /// `AvailableDeviceCapacity` in GB.
    pub available_gb: f64,
    /// `WiFiMAC`.
    pub wifi_mac: String,
}

impl Portrait {
    /// Member `index` of the fleet with this seed: always the same.
    pub fn in_fleet(seed: u64, index: usize) -> Self {
        Self::of(Kind::in_fleet(index), seed, index)
    }

    /// A device of this family.
    pub fn of(kind: Kind, seed: u64, index: usize) -> Self {
        let mut chance = Chance::new(seed, index as u64);
        let models: Vec<_> = MODELS.iter().filter(|m| m.kind == kind).collect();
        let model = *chance.pick(&models);
        let (os_version, build) = *chance.pick(systems(kind));
        let capacity_gb = *chance.pick(model.capacities_gb);
        // Each owner once before anybody gets a second device: 7 and the number of owners have no common factor.
        let owner = OWNERS[(index * 7) % OWNERS.len()];
        let round = index / OWNERS.len();
        let name = match kind {
            Kind::AppleTv => format!("Meeting Room {}", index / 25 + 1),
            _ if round == 0 => format!("{owner}\u{2019}s {}", model.name),
            _ => format!("{owner}\u{2019}s {} ({})", model.name, round + 1),
        };
        let mac = chance.bytes::<3>();
        let no_battery = matches!(kind, Kind::AppleTv) || model.name == "Mac mini";
        Self {
            kind,
            udid: udid(kind, &mut chance),
            serial: serial(&mut chance),
            name,
            product: model.product,
            model_name: model.name,
            model: model.number,
            os_version,
            build,
            imei: (kind == Kind::IPhone).then(|| imei(&mut chance)),
            supervised: chance.below(10) < 7,
            battery: if no_battery { -1.0 } else { (20 + chance.below(81)) as f64 / 100.0 },
            capacity_gb,
            available_gb: (capacity_gb * (10 + chance.below(80)) as f64 / 100.0).round(),
            wifi_mac: format!("f0:18:98:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2]),
        }
    }
}

/// Macs say their hardware UUID, newer iPhones and iPads eight and sixteen digits.
fn udid(kind: Kind, chance: &mut Chance) -> String {
    match kind {
        Kind::Mac => chance.uuid(),
        _ => format!("{:08X}-{:016X}", 0x0000_8101 + (chance.below(3) << 4), chance.word()),
    }
}

/// Ten characters without vowels and easily confused ones, as newer serial numbers are.
fn serial(chance: &mut Chance) -> String {
    const SIGNS: &[u8] = b"0123456789CDFGHJKLMNPQRTVWXY";
    (0..10).map(|_| char::from(*chance.pick(SIGNS))).collect()
}

/// Fifteen digits with their check digit, written in groups as devices write them.
fn imei(chance: &mut Chance) -> String {
    let mut digits: Vec<u64> = [3, 5].into_iter().chain((0..12).map(|_| chance.below(10))).collect();
    let sum: u64 =
        digits.iter().enumerate().map(|(at, d)| if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { *d }).sum();
    digits.push((10 - sum % 10) % 10);
    let text: String = digits.iter().map(u64::to_string).collect();
    format!("{} {} {} {}", &text[..2], &text[2..8], &text[8..14], &text[14..])
}
