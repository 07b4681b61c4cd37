//! Pretend devices and a pretend Apple: what they say on the wire, to a server written by hand for these tests,
//! and what becomes of whole fleets at the real one.

mod commands;
mod enrolling;
mod faults;
mod figures;
mod peer;
mod portraits;
mod real;
mod renewing;
mod ringing;
pub mod server;

use std::sync::Arc;

use pomona::simulator::keychain::KeyPool;
use pomona::simulator::latency::Latencies;
use pomona::simulator::trust::Anchors;
use pomona::simulator::{Device, DeviceOptions, Kind, Portrait, Trust};

use peer::Peer;

/// All tests share a few RSA keys: making one takes a tenth of a second.
pub fn keys() -> Arc<KeyPool> {
    static KEYS: std::sync::OnceLock<Arc<KeyPool>> = std::sync::OnceLock::new();
    KEYS.get_or_init(|| KeyPool::shared(2)).clone()
}

/// A device that trusts the peer's root, out of the box.
pub fn device_with(peer: &Peer, kind: Kind, options: DeviceOptions) -> Device {
    let anchors = Anchors::new(Trust::Roots(vec![peer.ca.clone()]));
    let mut portrait = Portrait::of(kind, 7, 3);
    portrait.supervised = true;
    Device::new(portrait, 3, options, keys(), anchors, Latencies::default())
}

pub fn device(peer: &Peer, kind: Kind) -> Device {
    device_with(peer, kind, DeviceOptions::default())
}

/// A device that is enrolled at the peer.
pub async fn enrolled(peer: &Peer, kind: Kind) -> Device {
    let mut device = device(peer, kind);
    device.enroll(&peer.link()).await.expect("enrolled");
    device
}
