//! Numbered steps from any earlier schema to this one.
//!
//! Each step runs in one durable transaction together with the number it reaches: a crash leaves the schema before
//! or after it. A database of a newer schema is refused untouched. Steps are never edited once released.

use serde::{Deserialize, Serialize};

use super::key::Key;
use super::row::{self, Row};
use super::tables::Table;
use super::{Broken, OpenError, View, Write};
use crate::model::Time;

mod facts;

/// One step: its number is its place in [`STEPS`], counted from 1.
pub struct Step {
    /// What it does, for the log.
    pub what: &'static str,
    /// Does it. Tables that are new in the step are there already, empty.
    pub run: fn(&mut Write) -> Result<(), Broken>,
}

/// All steps in order.
pub static STEPS: &[Step] = &[
    Step { what: "the first schema", run: |_| Ok(()) },
    Step { what: "revisions of profiles have an author and a time", run: facts::of_old_revisions },
];

/// The schema this Pomona writes: the number of its last step.
pub const SCHEMA: u32 = 2;

/// The schema of a database and since when it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Number of the last step done.
    pub number: u32,
    /// When it was done.
    pub at: Time,
}

impl Row for Schema {}

const SCHEMA_KEY: &str = "schema";
const CHECK: &str = "this is the master key of this database";

/// The schema of the database; none in a new one.
pub fn schema(v: &impl View) -> Result<Option<Schema>, Broken> {
    row::get(v, Table::Meta, &Key::of(SCHEMA_KEY))
}

/// Whether the master key is the one this database was made with; none in a new database.
fn key_fits(v: &impl View) -> Result<Option<bool>, Broken> {
    let key = Key::of(CHECK);
    let kept = v.raw_get(Table::KeyCheck, key.bytes())?;
    Ok(kept.map(|sealed| row::decode::<String>(v, Table::KeyCheck, key.bytes(), &sealed).is_ok()))
}

/// Decides from a snapshot what there is to do: the number of the first missing step, or none.
pub fn pending(v: &impl View, steps: &[Step]) -> Result<Option<u32>, OpenError> {
    let known = steps.len() as u32;
    let found = schema(v)?;
    match (&found, key_fits(v)?) {
        (None, None) => return Ok(Some(1)),
        (Some(_), Some(true)) => {}
        (Some(_), Some(false)) => return Err(OpenError::WrongKey),
        _ => return Err(Broken::row(Table::Meta, "the schema row or the key check is missing").into()),
    }
    let number = found.map_or(0, |s| s.number);
    match number {
        n if n > known => Err(OpenError::Newer { found: n, known }),
        n if n < known => Ok(Some(n + 1)),
        _ => Ok(None),
    }
}

/// Does step `number` inside its transaction, and says what it was.
pub fn step(w: &mut Write, steps: &[Step], number: u32, now: Time) -> Result<&'static str, Broken> {
    let step = steps
        .get(number as usize - 1)
        .ok_or_else(|| Broken::row(Table::Meta, format!("there is no step {number}")))?;
    if number == 1 {
        row::put(w, Table::KeyCheck, &Key::of(CHECK), &CHECK.to_owned())?;
    }
    (step.run)(w)?;
    row::put(w, Table::Meta, &Key::of(SCHEMA_KEY), &Schema { number, at: now })?;
    Ok(step.what)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::model::enrollment::EnrollmentId;
    use crate::store::supervisor::{Terms, backend_opener};
    use crate::store::{Store, devices};

    /// A memory that outlives the stores opened on it.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<InMemoryBackend>);

    impl redb::StorageBackend for Kept {
        fn len(&self) -> std::io::Result<u64> {
            self.0.len()
        }
        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            self.0.read(offset, out)
        }
        fn set_len(&self, len: u64) -> std::io::Result<()> {
            self.0.set_len(len)
        }
        fn sync_data(&self) -> std::io::Result<()> {
            self.0.sync_data()
        }
        fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
            self.0.write(offset, data)
        }
    }

    fn open(kept: &Kept, steps: &'static [Step], now: Time) -> Result<Store, OpenError> {
        let kept = kept.clone();
        let opener = backend_opener(move || Ok(kept.clone()));
        Store::start(opener, &[5; 32], None, Terms { steps, ..Terms::default() }, now)
    }

    fn id() -> EnrollmentId {
        EnrollmentId::parse("A").expect("an id")
    }

    fn twice(w: &mut Write) -> Result<(), Broken> {
        let seen = devices::seen(w, &id())?.unwrap_or_default();
        devices::put_seen(w, &id(), Time(seen.0 * 2))
    }

    fn plus_one(w: &mut Write) -> Result<(), Broken> {
        let seen = devices::seen(w, &id())?.unwrap_or_default();
        devices::put_seen(w, &id(), Time(seen.0 + 1))
    }

    fn half_done(w: &mut Write) -> Result<(), Broken> {
        devices::put_seen(w, &id(), Time(-1))?;
        Err(Broken("half way".into()))
    }

    const FIRST: Step = Step { what: "first", run: |_| Ok(()) };
    static ONE: &[Step] = &[FIRST];
    static THREE: &[Step] =
        &[FIRST, Step { what: "twice", run: twice }, Step { what: "plus one", run: plus_one }];
    static FAILS: &[Step] =
        &[FIRST, Step { what: "twice", run: twice }, Step { what: "half done", run: half_done }];

    #[test]
    fn a_database_of_the_first_schema_opens_and_its_revisions_have_facts() {
        let kept = Kept::default();
        let store = open(&kept, &STEPS[..1], Time(50)).expect("opens");
        store.write_blocking(facts::tests::before_facts).expect("written");
        store.close();
        for _ in 0..2 {
            let store = open(&kept, STEPS, Time(60)).expect("opens");
            let read = store.read().expect("read");
            let told = crate::store::profiles::all_facts(&read, "p").expect("rows");
            assert_eq!(told.iter().map(|f| f.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
            assert_eq!(schema(&read).expect("row"), Some(Schema { number: 2, at: Time(60) }));
            assert!(store.verify().expect("verified").is_empty());
        }
    }

    #[test]
    fn the_schema_is_the_number_of_steps() {
        assert_eq!(SCHEMA as usize, STEPS.len());
    }

    #[test]
    fn an_older_database_is_brought_up_step_by_step_and_once_and_a_newer_one_is_refused() {
        let kept = Kept::default();
        let store = open(&kept, ONE, Time(1)).expect("opens");
        store.write_blocking(|w| devices::put_seen(w, &id(), Time(10))).expect("written");
        store.close();

        // A step that fails leaves the one before it done and nothing of its own.
        let failed = open(&kept, FAILS, Time(2)).expect_err("the third step fails");
        assert!(failed.to_string().contains("half way"), "{failed}");
        for _ in 0..2 {
            let store = open(&kept, THREE, Time(3)).expect("opens");
            let read = store.read().expect("read");
            assert_eq!(devices::seen(&read, &id()).expect("row"), Some(Time(21)), "in order, and once");
            assert_eq!(schema(&read).expect("row"), Some(Schema { number: 3, at: Time(3) }));
        }
        let refused = open(&kept, ONE, Time(4)).expect_err("refused");
        assert!(matches!(refused, OpenError::Newer { found: 3, known: 1 }), "{refused}");
    }
}
