//! Who may do what.

use pomona::model::account::Role;
use pomona::rules::Sort;
use pomona::rules::access::{Right, allowed, authorize};

/// The table, a row a right: owner, admin, helpdesk, auditor.
const TABLE: [(Right, [bool; 4]); 12] = [
    (Right::SeeInventory, [true, true, true, true]),
    (Right::SeeActivity, [true, true, true, true]),
    (Right::Operate, [true, true, true, false]),
    (Right::Lock, [true, true, true, false]),
    (Right::Erase, [true, true, false, false]),
    (Right::SendRaw, [true, true, false, false]),
    (Right::EditProfiles, [true, true, false, false]),
    (Right::Enroll, [true, true, false, false]),
    (Right::RemoveDevice, [true, true, false, false]),
    (Right::Reveal, [true, true, true, false]),
    (Right::Server, [true, false, false, false]),
    (Right::Accounts, [true, false, false, false]),
];

#[test]
fn every_role_has_exactly_the_rights_of_the_table() {
    assert!(Right::ALL.iter().all(|right| TABLE.iter().any(|(r, _)| r == right)), "a right without a row");
    for (right, row) in TABLE {
        for (role, may) in [Role::Owner, Role::Admin, Role::Helpdesk, Role::Auditor].into_iter().zip(row) {
            assert_eq!(allowed(role, right), may, "{role:?} {right:?}");
            assert_eq!(authorize(role, right).is_ok(), may);
        }
    }
}

#[test]
fn a_refusal_names_the_role_and_the_deed_and_whom_to_ask() {
    let refusal = authorize(Role::Helpdesk, Right::Erase).expect_err("refused");
    assert_eq!((refusal.code, refusal.sort), ("access.role", Sort::Forbidden));
    assert!(refusal.said.contains("helpdesk") && refusal.said.contains("erase devices"));
    assert!(refusal.said.contains("Ask an owner"));
}
