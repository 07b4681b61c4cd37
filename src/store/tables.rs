//! Every table on one page.
//!
//! Keys are built by [`super::key`]; in the list below `a, b` is a composite key. Values are rows of
//! [`super::row`] unless the table is an index, whose value is empty: everything it says is in its key.

/// How the values of a table are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows with a version and a checksum.
    Plain,
    /// Rows encrypted by [`super::seal`].
    Sealed,
    /// Empty values: the key is the fact.
    Index,
}

macro_rules! tables {
    ($( $(#[$doc:meta])* $table:ident $name:literal $kind:ident, )*) => {
        /// A table of the database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table { $( $(#[$doc])* $table, )* }

        impl Table {
            /// All of them, in the order of this page.
            pub const ALL: &'static [Table] = &[ $( Table::$table, )* ];

            /// The name in the database file: never changed, never used again for something else.
            pub const fn name(self) -> &'static str {
                match self { $( Table::$table => $name, )* }
            }

            /// How its values are kept.
            pub const fn kind(self) -> Kind {
                match self { $( Table::$table => Kind::$kind, )* }
            }
        }
    };
}

tables! {
    /// word -> schema version.
    Meta "meta" Plain,
    /// One known text, which only the master key of this database opens.
    KeyCheck "key_check" Sealed,
    /// word -> number: sequences and kept counts.
    Counters "counters" Plain,
    /// "settings" -> the server's own facts.
    Settings "settings" Plain,
    /// use -> private key with certificate.
    Identities "identities" Sealed,

    /// name -> account.
    Accounts "accounts" Plain,
    /// SHA-256 of the cookie -> session.
    Sessions "sessions" Plain,
    /// account, SHA-256 of the cookie.
    SessionsByAccount "sessions_by_account" Index,
    /// SHA-256 of the token -> API token.
    Tokens "tokens" Plain,

    /// enrollment -> enrollment.
    Enrollments "enrollments" Plain,
    /// enrollment -> push token and magic.
    PushInfo "push_info" Sealed,
    /// enrollment, kind -> the present secret.
    Escrow "escrow" Sealed,
    /// enrollment, kind, number -> a former secret.
    EscrowHistory "escrow_history" Sealed,

    /// fingerprint -> certificate.
    Certificates "certificates" Plain,
    /// enrollment, fingerprint.
    CertificatesByEnrollment "certificates_by_enrollment" Index,

    /// enrollment -> device.
    Devices "devices" Plain,
    /// serial, enrollment.
    DevicesBySerial "devices_by_serial" Index,
    /// enrollment -> lists the device reported.
    Inventories "inventories" Plain,
    /// enrollment -> when it was last seen.
    Seen "seen" Plain,

    /// enrollment, uuid -> state of a command.
    Commands "commands" Plain,
    /// uuid -> enrollment.
    CommandIds "command_ids" Plain,
    /// enrollment, rank, seq -> uuid: the unfinished ones only.
    CommandQueue "command_queue" Plain,
    /// enrollment, seq -> uuid: all of them.
    CommandHistory "command_history" Plain,
    /// uuid -> the request as XML.
    Requests "requests" Sealed,
    /// enrollment, uuid -> the final report as it came.
    Reports "reports" Sealed,
    /// enrollment, uuid -> a report for a command we do not know.
    Orphans "orphans" Sealed,

    /// id -> profile.
    Profiles "profiles" Plain,
    /// identifier -> id.
    ProfilesByIdentifier "profiles_by_identifier" Plain,
    /// id, revision -> the file as it was imported.
    Revisions "revisions" Sealed,
    /// id, revision -> who published it, when and why.
    RevisionFacts "revision_facts" Plain,
    /// profile -> its draft.
    Drafts "drafts" Sealed,
    /// profile, enrollment.
    Assignments "assignments" Index,
    /// enrollment, profile.
    AssignmentsOfDevice "assignments_of_device" Index,
    /// enrollment, profile -> how far it got.
    Placements "placements" Plain,
    /// profile, enrollment.
    PlacementsByProfile "placements_by_profile" Index,

    /// id -> enrollment link.
    Tickets "tickets" Sealed,
    /// SHA-256 of the token -> id.
    TicketsByToken "tickets_by_token" Plain,
    /// SHA-256 of the challenge -> challenge.
    Challenges "challenges" Plain,
    /// expiry, SHA-256 of the challenge.
    ChallengesByExpiry "challenges_by_expiry" Index,

    /// work, enrollment -> what is due.
    Dues "dues" Plain,
    /// work, time, enrollment.
    DuesByTime "dues_by_time" Index,
    /// enrollment -> how its latest push went.
    PushOutcomes "push_outcomes" Plain,

    /// seq -> what happened.
    Activities "activities" Plain,
    /// enrollment, seq.
    ActivitiesOfDevice "activities_of_device" Index,
}

impl Table {
    /// Number of tables.
    pub const COUNT: usize = Self::ALL.len();
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
