//! A twin of the store in plain collections, and the comparison of the two through every question that can be asked.

use std::collections::{BTreeMap, BTreeSet};

use pomona::model::Time;
use pomona::model::account::{Account, ApiToken, Session};
use pomona::model::activity::Activity;
use pomona::model::certificate::Certificate;
use pomona::model::command::Command;
use pomona::model::device::{Device, Inventory};
use pomona::model::due::{Due, PushOutcome, Work};
use pomona::model::enrollment::{Enrollment, EnrollmentId, Escrow, EscrowKind, PushInfo};
use pomona::model::profile::{Draft, Placement, Profile, Revision};
use pomona::model::settings::{Identity, Settings};
use pomona::model::ticket::{Challenge, Ticket};
use pomona::store::{
    View, accounts, activities, certificates, commands, devices, drafts, dues, enrollments, profiles,
    settings, tickets,
};
use pomona::wire::Secret;

use super::ops::{
    IDENTIFIERS, IDS, KINDS, Op, PEOPLE, PROFILES, SERIALS, TICKETS, USES, WORKS, hash, id, uuid,
};

#[derive(Debug, Clone, Default)]
pub struct Twin {
    enrollments: BTreeMap<EnrollmentId, Enrollment>,
    push: BTreeMap<EnrollmentId, PushInfo>,
    /// Oldest first; the flag tells whether the last one is the present one.
    escrow: BTreeMap<(EnrollmentId, EscrowKind), (Vec<Escrow>, Option<Escrow>)>,
    certificates: BTreeMap<[u8; 32], Certificate>,
    devices: BTreeMap<EnrollmentId, Device>,
    inventories: BTreeMap<EnrollmentId, Inventory>,
    seen: BTreeMap<EnrollmentId, Time>,
    commands: BTreeMap<(EnrollmentId, String), Command>,
    seq: u64,
    requests: BTreeMap<String, Secret>,
    reports: BTreeMap<(EnrollmentId, String), Secret>,
    orphans: BTreeMap<(EnrollmentId, String), (Time, Secret)>,
    profiles: BTreeMap<String, Profile>,
    revisions: BTreeMap<(String, u32), Secret>,
    facts: BTreeMap<(String, u32), Revision>,
    drafts: BTreeMap<String, Draft>,
    assignments: BTreeSet<(String, EnrollmentId)>,
    placements: BTreeMap<(EnrollmentId, String), Placement>,
    tickets: BTreeMap<String, Ticket>,
    challenges: BTreeMap<[u8; 32], Challenge>,
    dues: BTreeMap<(Work, EnrollmentId), Due>,
    causes: u64,
    outcomes: BTreeMap<EnrollmentId, PushOutcome>,
    activities: Vec<Activity>,
    accounts: BTreeMap<String, Account>,
    sessions: BTreeMap<[u8; 32], Session>,
    tokens: BTreeMap<[u8; 32], ApiToken>,
    settings: Option<Settings>,
    identities: BTreeMap<&'static str, Identity>,
}

impl Twin {
    /// Does what the store does. False when the store must refuse.
    pub fn run(&mut self, op: &Op) -> bool {
        match op.clone() {
            Op::Enrollment(e) => drop(self.enrollments.insert(e.id.clone(), e)),
            Op::Push(i, p) => drop(self.push.insert(i, p)),
            Op::NoPush(i) => drop(self.push.remove(&i)),
            Op::Escrow(i, k, e) => {
                let (history, present) = self.escrow.entry((i, k)).or_default();
                if let Some(old) = present.replace(e.clone())
                    && old.secret != e.secret
                {
                    history.push(old);
                }
            }
            Op::NoEscrow(i, k) => {
                let (history, present) = self.escrow.entry((i, k)).or_default();
                history.extend(present.take());
            }
            Op::Certificate(c) => drop(self.certificates.insert(c.fingerprint, c)),
            Op::Device(d) => drop(self.devices.insert(d.id.clone(), d)),
            Op::NoDevice(i) => {
                if self.devices.remove(&i).is_some() {
                    self.inventories.remove(&i);
                    self.seen.remove(&i);
                }
            }
            Op::Inventory(i, list) => drop(self.inventories.insert(i, list)),
            Op::Seen(i, at) => drop(self.seen.insert(i, at)),
            Op::Command(c) => {
                let key = (c.enrollment.clone(), c.uuid.clone());
                let seq = match self.commands.get(&key) {
                    Some(old) => old.seq,
                    None => {
                        self.seq += 1;
                        self.seq
                    }
                };
                self.commands.insert(key, Command { seq, ..c });
            }
            Op::Request(u, x) => drop(self.requests.insert(u, x)),
            Op::Report(i, u, x) => drop(self.reports.insert((i, u), x)),
            Op::Orphan(i, u, at, x) => drop(self.orphans.insert((i, u), (at, x))),
            Op::Profile(p) => {
                if self.profiles.values().any(|o| o.identifier == p.identifier && o.id != p.id) {
                    return false;
                }
                self.profiles.insert(p.id.clone(), p);
            }
            Op::NoProfile(p) => {
                if self.profiles.remove(&p).is_some() {
                    self.revisions.retain(|(of, _), _| *of != p);
                    self.facts.retain(|(of, _), _| *of != p);
                    self.drafts.remove(&p);
                    self.assignments.retain(|(of, _)| *of != p);
                }
            }
            Op::Revision(p, n, x) => drop(self.revisions.insert((p, n), x)),
            Op::Facts(f) => drop(self.facts.insert((f.profile.clone(), f.number), *f)),
            Op::Draft(d) => drop(self.drafts.insert(d.profile.clone(), d)),
            Op::NoDraft(p) => drop(self.drafts.remove(&p)),
            Op::Assign(p, i) => drop(self.assignments.insert((p, i))),
            Op::Unassign(p, i) => drop(self.assignments.remove(&(p, i))),
            Op::Placement(p) => {
                drop(self.placements.insert((p.enrollment.clone(), p.profile.clone()), p));
            }
            Op::NoPlacement(i, p) => drop(self.placements.remove(&(i, p))),
            Op::Ticket(t) => drop(self.tickets.insert(t.id.clone(), t)),
            Op::Challenge(h, c) => drop(self.challenges.insert(h, c)),
            Op::Sweep(before, limit) => {
                let mut expired: Vec<_> = self
                    .challenges
                    .iter()
                    .map(|(h, c)| (c.expires, *h))
                    .filter(|(e, _)| *e < before)
                    .collect();
                expired.sort();
                for (_, hash) in expired.into_iter().take(limit) {
                    self.challenges.remove(&hash);
                }
            }
            Op::Raise(work, i, at) => {
                self.causes += 1;
                let at = self.dues.get(&(work, i.clone())).map_or(at, |old| old.at.min(at));
                let due = Due { work, enrollment: i.clone(), at, attempts: 0, cause: self.causes };
                self.dues.insert((work, i), due);
            }
            Op::Done(work, i, stale) => {
                if !stale {
                    self.dues.remove(&(work, i));
                }
            }
            Op::Later(work, i, at, stale) => {
                if let Some(due) = self.dues.get_mut(&(work, i)).filter(|_| !stale) {
                    due.at = at;
                    due.attempts += 1;
                }
            }
            Op::Cancel(work, i) => drop(self.dues.remove(&(work, i))),
            Op::Outcome(i, o) => drop(self.outcomes.insert(i, o)),
            Op::Activity(a) => {
                let seq = self.activities.len() as u64 + 1;
                self.activities.push(Activity { seq, ..a });
            }
            Op::Account(a) => drop(self.accounts.insert(a.name.clone(), a)),
            Op::NoAccount(name) => {
                self.sessions.retain(|_, s| s.account != name);
                self.accounts.remove(&name);
            }
            Op::Session(h, s) => drop(self.sessions.insert(h, s)),
            Op::NoSession(h) => drop(self.sessions.remove(&h)),
            Op::Token(h, t) => drop(self.tokens.insert(h, t)),
            Op::NoToken(h) => drop(self.tokens.remove(&h)),
            Op::Settings(s) => self.settings = Some(s),
            Op::Identity(u, i) => drop(self.identities.insert(u.as_str(), i)),
        }
        true
    }

    /// Asks the store everything and compares.
    pub fn compare(&self, v: &impl View) {
        for text in IDS {
            let who = id(text);
            self.compare_channel(v, &who);
            self.compare_commands(v, &who);
            self.compare_device(v, &who);
        }
        self.compare_fleet(v);
        self.compare_library(v);
        self.compare_people(v);
        self.compare_dues(v);
    }

    fn compare_channel(&self, v: &impl View, who: &EnrollmentId) {
        assert_eq!(enrollments::get(v, who).unwrap(), self.enrollments.get(who).cloned());
        assert_eq!(enrollments::push_info(v, who).unwrap(), self.push.get(who).cloned());
        for kind in KINDS {
            let (history, present) = self.escrow.get(&(who.clone(), *kind)).cloned().unwrap_or_default();
            assert_eq!(enrollments::escrow(v, who, *kind).unwrap(), present);
            let newest_first: Vec<_> = history.into_iter().rev().take(20).collect();
            assert_eq!(enrollments::escrow_history(v, who, *kind).unwrap(), newest_first);
        }
        let children: Vec<_> = self
            .enrollments
            .values()
            .filter(|e| e.id.is_user() && e.id.device() == *who && !who.is_user())
            .cloned()
            .collect();
        assert_eq!(enrollments::children(v, who).unwrap(), children, "children of {who}");
        let bound: Vec<_> =
            self.certificates.values().filter(|c| c.enrollment.as_ref() == Some(who)).cloned().collect();
        assert_eq!(certificates::of_enrollment(v, who).unwrap(), bound);
        assert_eq!(dues::push_outcome(v, who).unwrap(), self.outcomes.get(who).cloned());
    }

    fn compare_commands(&self, v: &impl View, who: &EnrollmentId) {
        let mut own: Vec<_> = self.commands.values().filter(|c| c.enrollment == *who).cloned().collect();
        own.sort_by_key(|c| std::cmp::Reverse(c.seq));
        assert_eq!(commands::history(v, who, None, 99).unwrap(), own);
        for before in [0, 3, 9] {
            let older: Vec<_> = own.iter().filter(|c| c.seq < before).take(2).cloned().collect();
            assert_eq!(commands::history(v, who, Some(before), 2).unwrap(), older);
        }
        let mut waiting: Vec<_> = own.iter().filter(|c| !c.state.is_final()).cloned().collect();
        waiting.sort_by_key(|c| (c.priority.rank(), c.seq));
        assert_eq!(commands::has_queue(v, who).unwrap(), !waiting.is_empty());
        assert_eq!(commands::queue(v, who).unwrap(), waiting);
        for n in 0..5 {
            let (uuid, key) = (uuid(who, n), (who.clone(), uuid(who, n)));
            assert_eq!(commands::find(v, &uuid).unwrap(), self.commands.get(&key).cloned());
            assert_eq!(commands::request(v, &uuid).unwrap(), self.requests.get(&uuid).cloned());
            assert_eq!(commands::report(v, who, &uuid).unwrap(), self.reports.get(&key).cloned());
            assert_eq!(
                commands::orphan(v, who, &uuid).unwrap(),
                self.orphans.get(&key).map(|(_, raw)| raw.clone())
            );
        }
        let orphans: Vec<_> = self
            .orphans
            .iter()
            .filter(|((of, _), _)| of == who)
            .map(|((_, uuid), (at, _))| (uuid.clone(), *at))
            .collect();
        assert_eq!(commands::orphans(v, who).unwrap(), orphans);
    }

    fn compare_device(&self, v: &impl View, who: &EnrollmentId) {
        assert_eq!(devices::get(v, who).unwrap(), self.devices.get(who).cloned());
        assert_eq!(
            devices::inventory(v, who).unwrap(),
            self.inventories.get(who).cloned().unwrap_or_default()
        );
        assert_eq!(devices::seen(v, who).unwrap(), self.seen.get(who).copied());
        let assigned: Vec<_> =
            self.assignments.iter().filter(|(_, to)| to == who).map(|(p, _)| p.clone()).collect();
        assert_eq!(profiles::assigned_of(v, who).unwrap(), assigned);
        let placed: Vec<_> = self.placements.values().filter(|p| p.enrollment == *who).cloned().collect();
        assert_eq!(profiles::placements_of_device(v, who).unwrap(), placed);
        let mut past: Vec<_> =
            self.activities.iter().filter(|a| a.device.as_ref() == Some(who)).cloned().collect();
        past.reverse();
        assert_eq!(activities::of_device(v, who, None, 99).unwrap(), past);
        past.retain(|a| a.seq < 5);
        past.truncate(2);
        assert_eq!(activities::of_device(v, who, Some(5), 2).unwrap(), past);
    }

    fn compare_fleet(&self, v: &impl View) {
        let channels: Vec<_> = self.enrollments.values().filter(|e| !e.id.is_user()).cloned().collect();
        assert_eq!(enrollments::page(v, None, 99).unwrap(), channels);
        let behind: Vec<_> = channels.iter().filter(|e| e.id > id("A")).take(2).cloned().collect();
        assert_eq!(enrollments::page(v, Some(&id("A")), 2).unwrap(), behind);
        let enrolled = channels.iter().filter(|e| e.is_enrolled()).count() as u64;
        assert_eq!(enrollments::enrolled_count(v).unwrap(), enrolled);
        let mut all = Vec::new();
        devices::each(v, |d| {
            all.push(d);
            true
        })
        .unwrap();
        assert_eq!(all, self.devices.values().cloned().collect::<Vec<_>>());
        assert_eq!(devices::count(v).unwrap(), self.devices.len() as u64);
        for serial in SERIALS {
            let with: Vec<_> = self
                .devices
                .values()
                .filter(|d| d.serial.as_deref() == Some(serial))
                .map(|d| d.id.clone())
                .collect();
            assert_eq!(devices::by_serial(v, serial).unwrap(), with);
        }
        let seen: Vec<_> = self.seen.iter().map(|(i, at)| (i.clone(), *at)).collect();
        assert_eq!(devices::all_seen(v).unwrap(), seen);
        let newest: Vec<_> = self.activities.iter().rev().take(4).cloned().collect();
        assert_eq!(activities::list(v, None, 4).unwrap(), newest);
        let older: Vec<_> = self.activities.iter().rev().filter(|a| a.seq < 3).cloned().collect();
        assert_eq!(activities::list(v, Some(3), 99).unwrap(), older);
    }

    fn compare_library(&self, v: &impl View) {
        assert_eq!(profiles::list(v).unwrap(), self.profiles.values().cloned().collect::<Vec<_>>());
        assert_eq!(drafts::list(v).unwrap(), self.drafts.values().cloned().collect::<Vec<_>>());
        for identifier in IDENTIFIERS {
            let with = self.profiles.values().find(|p| p.identifier == *identifier).cloned();
            assert_eq!(profiles::by_identifier(v, identifier).unwrap(), with);
        }
        for profile in PROFILES {
            assert_eq!(profiles::get(v, profile).unwrap(), self.profiles.get(*profile).cloned());
            for n in 0..5 {
                let kept = self.revisions.get(&((*profile).to_owned(), n)).cloned();
                assert_eq!(profiles::revision(v, profile, n).unwrap(), kept);
                let told = self.facts.get(&((*profile).to_owned(), n)).cloned();
                assert_eq!(profiles::facts(v, profile, n).unwrap(), told);
            }
            let own = |of: &String| of == profile;
            let numbers: Vec<_> = self.revisions.keys().filter(|(p, _)| own(p)).map(|(_, n)| *n).collect();
            assert_eq!(profiles::revisions(v, profile).unwrap(), numbers);
            let told: Vec<_> =
                self.facts.iter().filter(|((p, _), _)| own(p)).map(|(_, f)| f.clone()).collect();
            assert_eq!(profiles::all_facts(v, profile).unwrap(), told);
            assert_eq!(drafts::get(v, profile).unwrap(), self.drafts.get(*profile).cloned());
            let to: Vec<_> =
                self.assignments.iter().filter(|(p, _)| p == profile).map(|(_, i)| i.clone()).collect();
            assert_eq!(profiles::assigned_to(v, profile).unwrap(), to);
            let on: Vec<_> = self.placements.values().filter(|p| p.profile == *profile).cloned().collect();
            assert_eq!(profiles::placements_of_profile(v, profile, None, 99).unwrap(), on);
            let behind: Vec<_> = on.into_iter().filter(|p| p.enrollment > id("AB")).take(1).collect();
            assert_eq!(profiles::placements_of_profile(v, profile, Some(&id("AB")), 1).unwrap(), behind);
        }
        assert_eq!(tickets::list(v).unwrap(), self.tickets.values().cloned().collect::<Vec<_>>());
        for of in TICKETS {
            assert_eq!(tickets::get(v, of).unwrap(), self.tickets.get(*of).cloned());
            for n in 0..5 {
                let token = format!("token-{of}-{n}");
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
                let with = self.tickets.values().find(|t| t.token.expose() == token.as_bytes()).cloned();
                let hash = digest.as_ref().try_into().unwrap();
                assert_eq!(tickets::by_token(v, hash).unwrap(), with);
            }
        }
    }

    fn compare_people(&self, v: &impl View) {
        assert_eq!(accounts::list(v).unwrap(), self.accounts.values().cloned().collect::<Vec<_>>());
        for name in PEOPLE {
            assert_eq!(accounts::get(v, name).unwrap(), self.accounts.get(*name).cloned());
            let own: Vec<_> = self
                .sessions
                .iter()
                .filter(|(_, s)| s.account == *name)
                .map(|(h, s)| (*h, s.clone()))
                .collect();
            assert_eq!(accounts::sessions_of(v, name).unwrap(), own);
        }
        for n in 0..5 {
            let hash = hash(n);
            assert_eq!(accounts::session(v, &hash).unwrap(), self.sessions.get(&hash).cloned());
            assert_eq!(accounts::token(v, &hash).unwrap(), self.tokens.get(&hash).cloned());
            assert_eq!(certificates::get(v, &hash).unwrap(), self.certificates.get(&hash).cloned());
            assert_eq!(tickets::challenge(v, &hash).unwrap(), self.challenges.get(&hash).cloned());
        }
        let tokens: Vec<_> = self.tokens.iter().map(|(h, t)| (*h, t.clone())).collect();
        assert_eq!(accounts::tokens(v).unwrap(), tokens);
        assert_eq!(settings::get(v).unwrap(), self.settings);
        for of in USES {
            assert_eq!(settings::identity(v, *of).unwrap(), self.identities.get(of.as_str()).cloned());
        }
    }

    fn compare_dues(&self, v: &impl View) {
        for work in WORKS {
            let mut own: Vec<_> = self.dues.values().filter(|d| d.work == *work).cloned().collect();
            own.sort_by_key(|d| (d.at, d.enrollment.clone()));
            assert_eq!(dues::count(v, *work).unwrap(), own.len() as u64);
            assert_eq!(dues::next_at(v, *work).unwrap(), own.first().map(|d| d.at));
            for due in &own {
                assert_eq!(dues::get(v, *work, &due.enrollment).unwrap().as_ref(), Some(due));
            }
            for now in [Time(-2), Time(1), Time(9)] {
                let ready: Vec<_> = own.iter().filter(|d| d.at <= now).take(3).cloned().collect();
                assert_eq!(dues::ready(v, *work, now, 3).unwrap(), ready);
            }
        }
    }
}
