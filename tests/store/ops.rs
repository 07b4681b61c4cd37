//! Everything the nouns can do, drawn at random from small pools so that operations meet each other.

use pomona::model::Time;
use pomona::model::account::{Account, ApiToken, Role, Session};
use pomona::model::activity::Activity;
use pomona::model::certificate::{Certificate, Purpose};
use pomona::model::command::{Command, Errand, Priority, State};
use pomona::model::device::{Device, InstalledProfile, Inventory};
use pomona::model::document::Stamp;
use pomona::model::due::{PushOutcome, Work};
use pomona::model::enrollment::{self, Enrollment, EnrollmentId, Escrow, EscrowKind, Kind, PushInfo};
use pomona::model::profile::{Delivery, Distribution, Draft, Origin, Placement, Profile, Revision};
use pomona::model::settings::{Identity, IdentityUse, Settings};
use pomona::model::ticket::{Challenge, Ticket};
use pomona::store::{Broken, Write};
use pomona::store::{
    accounts, activities, certificates, commands, devices, drafts, dues, enrollments, profiles, settings,
    tickets,
};
use pomona::wire::Secret;

use super::random::Random;

/// Ids of which some begin like others, with and without user channels.
pub const IDS: &[&str] = &["A", "A:u1", "A:u2", "AB", "AB:u1", "B", "B-2"];
pub const WORKS: &[Work] = &[Work::Push, Work::Reconcile, Work::Release];
pub const KINDS: &[EscrowKind] = &[EscrowKind::UnlockToken, EscrowKind::BootstrapToken, EscrowKind::LockPin];
pub const USES: &[IdentityUse] =
    &[IdentityUse::DeviceCa, IdentityUse::Tls, IdentityUse::Push, IdentityUse::Signing];
pub const PEOPLE: &[&str] = &["ada", "adam"];
pub const SERIALS: &[&str] = &["S", "S1", "T"];
pub const PROFILES: &[&str] = &["p", "p1", "q"];
pub const IDENTIFIERS: &[&str] = &["org.a", "org.a.b", "org.c", "org.d"];
pub const TICKETS: &[&str] = &["t", "t1"];

pub fn id(text: &str) -> EnrollmentId {
    EnrollmentId::parse(text).expect("an id")
}

pub fn hash(n: u8) -> [u8; 32] {
    let mut hash = [n; 32];
    hash[31] = 0xFF;
    hash
}

pub fn uuid(of: &EnrollmentId, n: u8) -> String {
    format!("UUID-{of}-{n}")
}

/// One thing to do in a transaction.
#[derive(Debug, Clone)]
pub enum Op {
    Enrollment(Enrollment),
    Push(EnrollmentId, PushInfo),
    NoPush(EnrollmentId),
    Escrow(EnrollmentId, EscrowKind, Escrow),
    NoEscrow(EnrollmentId, EscrowKind),
    Certificate(Certificate),
    Device(Device),
    NoDevice(EnrollmentId),
    Inventory(EnrollmentId, Inventory),
    Seen(EnrollmentId, Time),
    /// `seq` is set when it is new, and kept when it is not.
    Command(Command),
    Request(String, Secret),
    Report(EnrollmentId, String, Secret),
    Orphan(EnrollmentId, String, Time, Secret),
    Profile(Profile),
    NoProfile(String),
    Revision(String, u32, Secret),
    Facts(Box<Revision>),
    Draft(Draft),
    NoDraft(String),
    Assign(String, EnrollmentId),
    Unassign(String, EnrollmentId),
    Placement(Placement),
    NoPlacement(EnrollmentId, String),
    Ticket(Ticket),
    Challenge([u8; 32], Challenge),
    Sweep(Time, usize),
    Raise(Work, EnrollmentId, Time),
    /// The flag: as read before a newer cause came.
    Done(Work, EnrollmentId, bool),
    Later(Work, EnrollmentId, Time, bool),
    Cancel(Work, EnrollmentId),
    Outcome(EnrollmentId, PushOutcome),
    Activity(Activity),
    Account(Account),
    NoAccount(String),
    Session([u8; 32], Session),
    NoSession([u8; 32]),
    Token([u8; 32], ApiToken),
    NoToken([u8; 32]),
    Settings(Settings),
    Identity(IdentityUse, Identity),
}

fn pick<T: Copy>(r: &mut Random, from: &[T]) -> T {
    from[r.below(from.len() as u64) as usize]
}

fn secret(r: &mut Random) -> Secret {
    let len = if r.once_in(20) { 6000 } else { r.below(60) };
    Secret::new(r.next().to_be_bytes().repeat(len as usize / 8 + 1))
}

impl Op {
    pub fn draw(r: &mut Random) -> Self {
        let who = id(pick(r, IDS));
        let at = Time(r.below(9) as i64 - 4);
        let n = r.below(5) as u8;
        match r.below(43) {
            0..=2 => Op::Enrollment(enrollment(r, who, at)),
            3 => {
                Op::Push(who, PushInfo { topic: "t".into(), token: secret(r), magic: secret(r), updated: at })
            }
            4 => Op::NoPush(who),
            5 => Op::Escrow(who, pick(r, KINDS), Escrow { secret: secret(r), at }),
            6 => Op::Escrow(who, pick(r, KINDS), Escrow { secret: Secret::new(vec![n]), at }),
            7 => Op::NoEscrow(who, pick(r, KINDS)),
            8 => Op::Certificate(Certificate {
                fingerprint: hash(n),
                der: vec![n; 40],
                purpose: Purpose::OtaPhase1,
                challenge: hash(9),
                issued: at,
                not_after: at,
                enrollment: (!r.once_in(3)).then_some(who),
                revoked: None,
            }),
            9 | 10 => {
                let mut device = Device::unknown(who);
                device.serial = (!r.once_in(4)).then(|| pick(r, SERIALS).to_owned());
                device.battery = Some(f64::from(n) / 8.0);
                Op::Device(device)
            }
            11 => Op::NoDevice(who),
            12 => Op::Inventory(who, inventory(n, at)),
            13 => Op::Seen(who, at),
            14..=18 => Op::Command(command(r, who, n, at)),
            19 => Op::Request(uuid(&who, n), secret(r)),
            20 => Op::Report(who.clone(), uuid(&who, n), secret(r)),
            21 => Op::Orphan(who.clone(), uuid(&who, n), at, secret(r)),
            22 | 23 => Op::Profile(profile(r, at)),
            24 => match r.below(3) {
                0 => Op::NoProfile(pick(r, PROFILES).into()),
                _ => Op::Revision(pick(r, PROFILES).into(), u32::from(n), secret(r)),
            },
            25 => Op::Assign(pick(r, PROFILES).into(), who),
            26 => Op::Unassign(pick(r, PROFILES).into(), who),
            27 => Op::Placement(Placement {
                enrollment: who,
                profile: pick(r, PROFILES).into(),
                identifier: "org.a".into(),
                revision: u32::from(n),
                state: pick(r, &[Delivery::Waiting, Delivery::Confirmed]),
                at,
                command: "c".into(),
                said: None,
                installed: (!r.once_in(3)).then_some(u32::from(n)),
                uuid: r.once_in(2).then(|| "u".into()),
                holds: None,
                lacks: Vec::new(),
            }),
            28 => Op::NoPlacement(who, pick(r, PROFILES).into()),
            29 => Op::Ticket(ticket(r, n, at)),
            30 => Op::Challenge(
                hash(n),
                Challenge { purpose: Purpose::OtaPhase1, created: at, expires: at, used: None },
            ),
            31 => Op::Sweep(at, r.below(4) as usize),
            32 | 33 => Op::Raise(pick(r, WORKS), who, at),
            34 => Op::Done(pick(r, WORKS), who, r.once_in(3)),
            35 => match r.below(3) {
                0 => Op::Cancel(pick(r, WORKS), who),
                _ => Op::Later(pick(r, WORKS), who, at, r.once_in(3)),
            },
            36 => {
                let (accepted, unreachable, rings) = (n > 1, n == 0, u32::from(n));
                Op::Outcome(who, PushOutcome { at, accepted, said: "ok".into(), unreachable, rings })
            }
            37 => Op::Activity(Activity {
                seq: 0,
                at,
                by: "ada".into(),
                kind: "command".into(),
                text: format!("thing {n}"),
                device: (!r.once_in(3)).then_some(who),
                alert: n == 0,
            }),
            38 => match r.below(4) {
                0 => Op::NoAccount(pick(r, PEOPLE).into()),
                1 => Op::Account(account(pick(r, PEOPLE), at)),
                2 => Op::NoSession(hash(n)),
                _ => Op::Session(hash(n), session(pick(r, PEOPLE), at)),
            },
            39 => match r.below(3) {
                0 => Op::NoToken(hash(n)),
                _ => Op::Token(
                    hash(n),
                    ApiToken {
                        name: "x".into(),
                        role: Role::Admin,
                        created: at,
                        expires: at,
                        by: "ada".into(),
                    },
                ),
            },
            40 => Op::Facts(Box::new(facts(r, n, at))),
            41 => match r.below(4) {
                0 => Op::NoDraft(pick(r, PROFILES).into()),
                _ => Op::Draft(draft(r, n, at)),
            },
            _ => match r.below(2) {
                0 => Op::Settings(Settings { organization: format!("org {n}"), ..Settings::default() }),
                _ => Op::Identity(
                    pick(r, USES),
                    Identity { key: secret(r), certificate: vec![n], chain: Vec::new(), since: at },
                ),
            },
        }
    }

    /// Does it. An error is of the store and never of the operation.
    pub fn run(&self, w: &mut Write) -> Result<(), Broken> {
        match self {
            Op::Enrollment(e) => enrollments::put(w, e),
            Op::Push(i, p) => enrollments::put_push_info(w, i, p),
            Op::NoPush(i) => enrollments::remove_push_info(w, i),
            Op::Escrow(i, k, e) => enrollments::put_escrow(w, i, *k, e),
            Op::NoEscrow(i, k) => enrollments::remove_escrow(w, i, *k),
            Op::Certificate(c) => certificates::put(w, c),
            Op::Device(d) => devices::put(w, d),
            Op::NoDevice(i) => devices::remove(w, i),
            Op::Inventory(i, list) => devices::put_inventory(w, i, list),
            Op::Seen(i, at) => devices::put_seen(w, i, *at),
            Op::Command(c) => {
                let seq = match commands::get(w, &c.enrollment, &c.uuid)? {
                    Some(old) => old.seq,
                    None => commands::next_seq(w)?,
                };
                commands::put(w, &Command { seq, ..c.clone() })
            }
            Op::Request(u, x) => commands::put_request(w, u, x),
            Op::Report(i, u, x) => commands::put_report(w, i, u, x),
            Op::Orphan(i, u, at, x) => commands::put_orphan(w, i, u, *at, x),
            Op::Profile(p) => profiles::put(w, p),
            Op::NoProfile(p) => profiles::remove(w, p),
            Op::Revision(p, n, x) => profiles::put_revision(w, p, *n, x),
            Op::Facts(f) => profiles::put_facts(w, f),
            Op::Draft(d) => drafts::put(w, d),
            Op::NoDraft(p) => drafts::remove(w, p),
            Op::Assign(p, i) => profiles::assign(w, p, i),
            Op::Unassign(p, i) => profiles::unassign(w, p, i),
            Op::Placement(p) => profiles::put_placement(w, p),
            Op::NoPlacement(i, p) => profiles::remove_placement(w, i, p),
            Op::Ticket(t) => tickets::put(w, t),
            Op::Challenge(h, c) => tickets::put_challenge(w, h, c),
            Op::Sweep(before, limit) => tickets::sweep_challenges(w, *before, *limit).map(drop),
            Op::Raise(work, i, at) => dues::raise(w, *work, i, *at),
            Op::Done(work, i, stale) => match dues::get(w, *work, i)? {
                Some(mut due) => {
                    due.cause -= u64::from(*stale);
                    dues::done(w, &due)
                }
                None => Ok(()),
            },
            Op::Later(work, i, at, stale) => match dues::get(w, *work, i)? {
                Some(mut due) => {
                    due.cause -= u64::from(*stale);
                    dues::later(w, &due, *at)
                }
                None => Ok(()),
            },
            Op::Cancel(work, i) => dues::cancel(w, *work, i),
            Op::Outcome(i, o) => dues::put_push_outcome(w, i, o),
            Op::Activity(a) => activities::add(w, a.clone()).map(drop),
            Op::Account(a) => accounts::put(w, a),
            Op::NoAccount(name) => accounts::remove(w, name),
            Op::Session(h, s) => accounts::put_session(w, h, s),
            Op::NoSession(h) => accounts::remove_session(w, h),
            Op::Token(h, t) => accounts::put_token(w, h, t),
            Op::NoToken(h) => accounts::remove_token(w, h),
            Op::Settings(s) => settings::put(w, s),
            Op::Identity(u, i) => settings::put_identity(w, *u, i),
        }
    }
}

fn enrollment(r: &mut Random, who: EnrollmentId, at: Time) -> Enrollment {
    use enrollment::State::{Authenticated, CheckedOut, Enrolled};
    Enrollment {
        kind: if who.is_user() { Kind::User } else { Kind::Device },
        id: who,
        state: pick(r, &[Authenticated, Enrolled, Enrolled, CheckedOut]),
        tally: r.below(3) as u32,
        first_seen: at,
        authenticated_at: at,
        enrolled_at: None,
        checked_out_at: None,
        awaiting: r.once_in(2),
        user_short_name: None,
        user_long_name: None,
        certificate: Some(hash(1)),
        renewal: None,
        renewed_at: None,
    }
}

fn inventory(n: u8, at: Time) -> Inventory {
    let profile = InstalledProfile {
        identifier: format!("org.{n}"),
        uuid: None,
        name: None,
        managed: Some(true),
        declarative: false,
    };
    Inventory { profiles: Some((at, vec![profile; n as usize])), certificates: None, apps: None }
}

fn command(r: &mut Random, who: EnrollmentId, n: u8, at: Time) -> Command {
    use State::{Acknowledged, Canceled, NotNow, Queued, Sent};
    Command {
        uuid: uuid(&who, n),
        enrollment: who,
        seq: 0,
        request_type: "DeviceInformation".into(),
        priority: pick(r, &[Priority::Low, Priority::Normal, Priority::High]),
        by: "ada".into(),
        errand: Errand::Install { profile: "p".into(), revision: 3 },
        state: pick(r, &[Queued, Queued, Sent, NotNow, Acknowledged, Canceled]),
        created: at,
        sent_at: Some(at),
        offers: 0,
        offers_since: None,
        not_now_first: None,
        not_now_last: None,
        not_now_count: 0,
        finished: None,
        errors: Vec::new(),
        not_understood: None,
    }
}

fn profile(r: &mut Random, at: Time) -> Profile {
    Profile {
        id: pick(r, PROFILES).into(),
        identifier: pick(r, IDENTIFIERS).into(),
        name: "Wi-Fi".into(),
        description: String::new(),
        revision: 1,
        uuid: "u".into(),
        payloads: vec![("com.apple.wifi.managed".into(), "Wi-Fi".into())],
        signed_by: None,
        everyone: r.once_in(2),
        distribution: Default::default(),
        archived: None,
        variables: Vec::new(),
        created: at,
        updated: at,
    }
}

fn facts(r: &mut Random, n: u8, at: Time) -> Revision {
    Revision {
        profile: pick(r, PROFILES).into(),
        number: u32::from(n),
        uuid: "u".into(),
        by: pick(r, PEOPLE).into(),
        at,
        note: "a reason".into(),
        origin: if r.once_in(2) { Origin::Published } else { Origin::Restored(u32::from(n)) },
        signed_by: None,
        secrets: vec![(":Password".into(), Stamp { at, by: "ada".into() })],
        variables: vec!["SerialNumber".into()],
    }
}

fn draft(r: &mut Random, n: u8, at: Time) -> Draft {
    Draft {
        profile: pick(r, PROFILES).into(),
        base: 1,
        version: u64::from(n),
        body: secret(r),
        distribution: Distribution::Offered,
        secrets: Vec::new(),
        editors: vec![(pick(r, PEOPLE).into(), at)],
        edited: Stamp { at, by: "adam".into() },
    }
}

fn ticket(r: &mut Random, n: u8, at: Time) -> Ticket {
    let id = pick(r, TICKETS);
    Ticket {
        id: id.into(),
        label: "all".into(),
        token: Secret::new(format!("token-{id}-{n}")),
        by: "ada".into(),
        created: at,
        expires: at,
        max_uses: Some(3),
        uses: u32::from(n),
        revoked: None,
        serial: None,
    }
}

fn account(name: &str, at: Time) -> Account {
    Account {
        name: name.into(),
        full_name: "A".into(),
        role: Role::Owner,
        password: "$argon2id$".into(),
        created: at,
        suspended: false,
    }
}

fn session(account: &str, at: Time) -> Session {
    Session { account: account.into(), csrf: "c".into(), created: at, used: at, from: "here".into() }
}
