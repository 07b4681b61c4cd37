//! Devices, their inventory, when they were last seen.

use super::key::{Key, Parts, Span};
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, View, Write};
use crate::model::Time;
use crate::model::device::{Device, Inventory};
use crate::model::enrollment::EnrollmentId;

impl Row for Device {}
impl Row for Inventory {}

const COUNT: &str = "devices";

/// Reads an enrollment id out of a key.
pub(super) fn id_part(table: Table, parts: &mut Parts<'_>) -> Result<EnrollmentId, Broken> {
    EnrollmentId::parse(&parts.text()?).map_err(|e| Broken::row(table, e))
}

/// The device of this channel.
pub fn get(v: &impl View, id: &EnrollmentId) -> Result<Option<Device>, Broken> {
    row::get(v, Table::Devices, &Key::of(id.as_str()))
}

/// Puts a device, new or changed, and keeps the index by serial number and the count.
pub fn put(w: &mut Write, device: &Device) -> Result<(), Broken> {
    let old = get(w, &device.id)?;
    if old.is_none() {
        row::count(w, COUNT, 1)?;
    }
    put_over(w, old.as_ref().and_then(|d| d.serial.as_deref()), device)
}

/// [`put`] in place of `before`, which this transaction read and which is still there.
pub fn change(w: &mut Write, before: &Device, device: &Device) -> Result<(), Broken> {
    debug_assert_eq!(get(w, &device.id)?.as_ref(), Some(before));
    put_over(w, before.serial.as_deref(), device)
}

fn put_over(w: &mut Write, former: Option<&str>, device: &Device) -> Result<(), Broken> {
    let id = device.id.as_str();
    if former != device.serial.as_deref() {
        if let Some(serial) = former {
            row::remove(w, Table::DevicesBySerial, &Key::of(serial).text(id))?;
        }
        if let Some(serial) = &device.serial {
            row::mark(w, Table::DevicesBySerial, &Key::of(serial).text(id))?;
        }
    }
    row::put(w, Table::Devices, &Key::of(id), device)
}

/// Removes a device with its inventory and its last sight.
pub fn remove(w: &mut Write, id: &EnrollmentId) -> Result<(), Broken> {
    let Some(old) = get(w, id)? else { return Ok(()) };
    row::count(w, COUNT, -1)?;
    let key = Key::of(id.as_str());
    if let Some(serial) = old.serial {
        row::remove(w, Table::DevicesBySerial, &Key::of(&serial).text(id.as_str()))?;
    }
    row::remove(w, Table::Inventories, &key)?;
    row::remove(w, Table::Seen, &key)?;
    row::remove(w, Table::Devices, &key)
}

/// Calls `each` with every device in id order until it returns false.
pub fn each(v: &impl View, mut each: impl FnMut(Device) -> bool) -> Result<(), Broken> {
    v.raw_scan(Table::Devices, &Span::all(), false, &mut |key, value| {
        Ok(each(row::decode(v, Table::Devices, key, value)?))
    })
}

/// Devices with this serial number (indexed): more than one after a device enrolled in another way.
pub fn by_serial(v: &impl View, serial: &str) -> Result<Vec<EnrollmentId>, Broken> {
    row::keys(v, Table::DevicesBySerial, Key::of(serial).span(), false, usize::MAX, |parts| {
        parts.text()?;
        id_part(Table::DevicesBySerial, parts)
    })
}

/// Number of devices (kept, not counted).
pub fn count(v: &impl View) -> Result<u64, Broken> {
    row::counter(v, COUNT)
}

/// The lists a device reported; empty before it reported any.
pub fn inventory(v: &impl View, id: &EnrollmentId) -> Result<Inventory, Broken> {
    Ok(row::get(v, Table::Inventories, &Key::of(id.as_str()))?.unwrap_or_default())
}

/// Puts the lists a device reported.
pub fn put_inventory(w: &mut Write, id: &EnrollmentId, inventory: &Inventory) -> Result<(), Broken> {
    row::put(w, Table::Inventories, &Key::of(id.as_str()), inventory)
}

/// When a channel was last seen, as flushed; the newest is in memory (see `web::seen`).
pub fn seen(v: &impl View, id: &EnrollmentId) -> Result<Option<Time>, Broken> {
    row::get(v, Table::Seen, &Key::of(id.as_str()))
}

/// Puts when a channel was last seen.
pub fn put_seen(w: &mut Write, id: &EnrollmentId, at: Time) -> Result<(), Broken> {
    row::put(w, Table::Seen, &Key::of(id.as_str()), &at)
}

/// When each channel was last seen, in id order.
pub fn all_seen(v: &impl View) -> Result<Vec<(EnrollmentId, Time)>, Broken> {
    let mut all = Vec::new();
    v.raw_scan(Table::Seen, &Span::all(), false, &mut |key, value| {
        let id = id_part(Table::Seen, &mut Parts::of(Table::Seen, key))?;
        all.push((id, row::decode(v, Table::Seen, key, value)?));
        Ok(true)
    })?;
    Ok(all)
}
