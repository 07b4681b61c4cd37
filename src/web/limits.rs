//! How much of the server one stranger may have: time, connections, bytes.
//!
//! Every figure is a field with a sensible value, so that an administrator can change it and a test can make it
//! small. The rules are W12 to W16 and F14, F15, F22 of the security reference.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits of the listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// Handshakes under way at once; more are closed unheard. They are not limited to a few per processor,
    /// because a handshake spends its time waiting for the other side: a few places could be held by silence.
    pub handshakes: usize,
    /// Time from the first byte of a request to the end of its headers; on a new connection from its start.
    pub header: Duration,
    /// Time for a request body, to which every received KiB adds a second (`body_floor`).
    pub body: Duration,
    /// Bytes a second below which a body counts as stalled once `body` has passed.
    pub body_floor: u64,
    /// Largest body any route takes, in bytes. Routes have their own, lower caps.
    pub body_size: u64,
    /// How long a connection is kept without a request. Longer than a device needs between command and answer,
    /// so that a conversation never pays for a second handshake.
    pub idle: Duration,
    /// How long the other side may refuse to read.
    pub write_stall: Duration,
    /// Age at which a connection is asked to end after its present request.
    pub age: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one IPv4 address or one IPv6 /64. An office full of devices shares one address,
    /// so this is far above what one device needs.
    pub per_address: usize,
    /// Networks that `per_address` does not count.
    pub exempt: Vec<Network>,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Bytes of HTTP/2 request headers, decompressed.
    pub header_list: u32,
    /// Time from the request to stop until connections are cut.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            handshakes: 2_048,
            header: Duration::from_secs(10),
            body: Duration::from_secs(30),
            body_floor: 1_024,
            body_size: 16 * 1024 * 1024,
            idle: Duration::from_secs(60),
            write_stall: Duration::from_secs(20),
            age: Duration::from_secs(600),
            connections: 4_096,
            per_address: 512,
            exempt: vec![Network::LOOPBACK_V4, Network::LOOPBACK_V6],
            streams: 64,
            header_list: 32 * 1024,
            drain: Duration::from_secs(10),
        }
    }
}

/// An address range in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// First address.
    base: IpAddr,
    /// Leading bits that count.
    prefix: u8,
}

impl Network {
    /// 127.0.0.0/8.
    pub const LOOPBACK_V4: Self = Self { base: IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 0)), prefix: 8 };
    /// ::1/128.
    pub const LOOPBACK_V6: Self = Self { base: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 };

    /// Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. None if it is no such thing.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let base: IpAddr = address.trim().parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(most);
        (prefix <= most).then_some(Self { base, prefix })
    }

    /// Whether `address` lies inside. An IPv4 address inside IPv6 is taken as the IPv4 address it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                base.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                base.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// Who sits at the other end of a connection. The address is that of the connection itself; headers by which
/// others claim an address are removed at the door (rule W9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A network address.
    Address(IpAddr),
    /// A program on this machine that may open the socket in the data folder.
    Socket,
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Socket => f.write_str("socket"),
        }
    }
}

/// Connections by the address they are counted under.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts connections, all and by address.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    by_address: Counts,
    per_address: usize,
    exempt: Vec<Network>,
}

impl Places {
    /// As many places as `limits` give.
    pub fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.connections)),
            handshakes: Arc::new(Semaphore::new(limits.handshakes)),
            by_address: Arc::default(),
            per_address: limits.per_address,
            exempt: limits.exempt.clone(),
        }
    }

    /// A place for a connection, or none when the house is full or this address has its share.
    pub fn take(&self, caller: Caller) -> Option<Place> {
        let whole = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let Caller::Address(address) = caller else { return Some(Place { _whole: whole, share: None }) };
        if self.exempt.iter().any(|network| network.contains(address)) {
            return Some(Place { _whole: whole, share: None });
        }
        let key = neighborhood(address);
        let mut counts = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_insert(0);
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        Some(Place { _whole: whole, share: Some((Arc::clone(&self.by_address), key)) })
    }

    /// A place for a handshake, or none when too many are under way.
    pub fn handshake(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.handshakes).try_acquire_owned().ok()
    }

    /// Places left.
    pub fn free(&self) -> usize {
        self.all.available_permits()
    }
}

/// One connection's place; dropping it gives the place back.
#[derive(Debug)]
pub struct Place {
    _whole: OwnedSemaphorePermit,
    share: Option<(Counts, IpAddr)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((counts, key)) = self.share.take() else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&key);
            }
        }
    }
}

/// The address whose connections are counted together: a host usually owns a whole IPv6 /64.
fn neighborhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> Caller {
        Caller::Address(text.parse().expect("an address"))
    }

    #[test]
    fn a_network_knows_its_addresses() {
        let ten = Network::parse("10.0.0.0/8").expect("a network");
        assert!(ten.contains("10.255.1.2".parse().expect("v4")));
        assert!(ten.contains("::ffff:10.1.1.1".parse().expect("mapped")));
        assert!(!ten.contains("11.0.0.1".parse().expect("v4")));
        assert!(Network::parse("0.0.0.0/0").expect("all").contains("8.8.8.8".parse().expect("v4")));
        assert!(Network::parse("2001:db8::/32").expect("v6").contains("2001:db8::9".parse().expect("v6")));
        assert!(Network::parse("10.0.0.0/33").is_none());
        assert!(Network::parse("office").is_none());
    }

    #[test]
    fn an_address_gets_its_share_and_gives_it_back() {
        let places = Places::new(&Limits { connections: 4, per_address: 2, ..Limits::default() });
        let first = places.take(caller("192.0.2.1")).expect("first");
        let _second = places.take(caller("192.0.2.1")).expect("second");
        assert!(places.take(caller("192.0.2.1")).is_none(), "the third is over the share");
        drop(first);
        let _third = places.take(caller("192.0.2.1")).expect("after one left");
        let _other = places.take(caller("192.0.2.2")).expect("another address");
        let _loop = places.take(caller("127.0.0.1")).expect("loopback is not counted by address");
        assert!(places.take(caller("127.0.0.1")).is_none(), "but the house is full");
    }

    #[test]
    fn neighbors_in_one_ipv6_network_share() {
        let places = Places::new(&Limits { per_address: 1, ..Limits::default() });
        let _one = places.take(caller("2001:db8::1")).expect("first");
        assert!(places.take(caller("2001:db8::ffff:2")).is_none());
        assert!(places.take(caller("2001:db8:0:1::1")).is_some());
    }
}
