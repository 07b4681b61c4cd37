//! Property lists: what is read, what is refused, and that nothing is lost on the way.

mod agreement;
mod bombs;
mod reading;
mod values;

use pomona::wire::plist::{Limits, Value, parse};

/// Both formats hold the same value, down to order, types and the sign of zero: `PartialEq` of dictionaries ignores
/// order, so this compares what is printed.
pub fn same(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

pub fn read(bytes: &[u8]) -> Value {
    parse(bytes, Limits::DEVICE).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(bytes)))
}

pub use values::value as any_value;

pub fn refused(bytes: &[u8]) -> String {
    match parse(bytes, Limits::DEVICE) {
        Ok(value) => panic!("was taken as {value:?}: {}", String::from_utf8_lossy(bytes)),
        Err(e) => e.reason,
    }
}

/// Writes a binary property list object by object, true to the layout and to nothing else.
pub struct Binary {
    pub objects: Vec<Vec<u8>>,
}

impl Binary {
    pub fn new(objects: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { objects: objects.into_iter().collect() }
    }

    /// The file, with four bytes an offset and two a reference.
    pub fn file(&self, root: u64) -> Vec<u8> {
        let mut file = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in &self.objects {
            offsets.extend_from_slice(&(file.len() as u32).to_be_bytes());
            file.extend_from_slice(object);
        }
        let table = file.len() as u64;
        file.extend_from_slice(&offsets);
        file.extend_from_slice(&trailer(4, 2, self.objects.len() as u64, root, table));
        file
    }
}

pub fn trailer(offset_size: u8, reference_size: u8, objects: u64, root: u64, table: u64) -> Vec<u8> {
    let mut trailer = vec![0, 0, 0, 0, 0, 0, offset_size, reference_size];
    for number in [objects, root, table] {
        trailer.extend_from_slice(&number.to_be_bytes());
    }
    trailer
}

/// A marker with its count, as long as it must be.
fn marker(kind: u8, count: usize) -> Vec<u8> {
    if count < 15 {
        return vec![kind << 4 | count as u8];
    }
    let mut bytes = vec![kind << 4 | 15, 0x12];
    bytes.extend_from_slice(&(count as u32).to_be_bytes());
    bytes
}

pub fn string(text: &str) -> Vec<u8> {
    [marker(5, text.len()), text.as_bytes().to_vec()].concat()
}

pub fn array(items: &[u16]) -> Vec<u8> {
    let references = items.iter().flat_map(|n| n.to_be_bytes());
    marker(0xa, items.len()).into_iter().chain(references).collect()
}

pub fn dictionary(keys: &[u16], values: &[u16]) -> Vec<u8> {
    let references = keys.iter().chain(values).flat_map(|n| n.to_be_bytes());
    marker(0xd, keys.len()).into_iter().chain(references).collect()
}

/// An XML document around one value.
pub fn document(value: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">{value}</plist>").into_bytes()
}
