//! Every key of the configuration file, on one page: the example file, the check for unknown keys and the help
//! are all made from this table.

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Dotted name, as in `tls.certificate`.
    pub name: &'static str,
    /// A TOML value: the default, or an example where there is no default.
    pub example: &'static str,
    /// Whether `example` is what holds when the key is absent.
    pub is_default: bool,
    /// What it means, one line of the example file each.
    pub about: &'static [&'static str],
}

const fn default(name: &'static str, example: &'static str, about: &'static [&'static str]) -> Key {
    Key { name, example, is_default: true, about }
}

const fn example(name: &'static str, example: &'static str, about: &'static [&'static str]) -> Key {
    Key { name, example, is_default: false, about }
}

/// The table. Keys of one section stand together, the ones without a section first.
pub const KEYS: &[Key] = &[
    example(
        "data",
        "\"/srv/pomona\"",
        &[
            "The data folder: the database, the master key, the socket. Readable by the service alone (0700).",
            "Default: \"/Library/Application Support/Pomona\" on a Mac, \"/var/lib/pomona\" elsewhere.",
        ],
    ),
    default(
        "listen",
        "\"0.0.0.0:8443\"",
        &["Address and port to listen on; \"[::]:8443\" for IPv6 and IPv4."],
    ),
    example(
        "host",
        "\"mdm.example.org\"",
        &[
            "The name by which devices and people reach this server. It is written into every enrolled device,",
            "so it should stay the same for years. Default: this computer's name.",
        ],
    ),
    example(
        "port",
        "443",
        &[
            "The port devices and people connect to, when a router forwards another one. Default: that of listen.",
        ],
    ),
    default(
        "names",
        "[]",
        &[
            "Further names or addresses by which requests may come. Others are answered 421, as are requests",
            "whose Host is not the name they asked for in TLS.",
        ],
    ),
    default(
        "organization",
        "\"\"",
        &[
            "The organization's name, shown to people and on devices. Taken at the first start; empty leaves it to the setup page.",
        ],
    ),
    example(
        "socket",
        "\"/run/pomona/pomona.sock\"",
        &["The socket for the command line. Default: pomona.sock in the data folder."],
    ),
    default(
        "sign_enrollment_profile",
        "true",
        &[
            "Sign the enrollment profile, so that devices show who made it. Some test tools read unsigned profiles only.",
        ],
    ),
    default(
        "network_users",
        "false",
        &["Let network users of Macs (those of a directory) be managed too. Local users of Macs always are."],
    ),
    example(
        "tls.certificate",
        "\"/etc/pomona/fullchain.pem\"",
        &[
            "The server's certificate and those above it, PEM, the server's first; and its private key. Both files are",
            "watched: a renewed certificate is shown from the next connection on. Without them, the server's own",
            "certificate authority issues one, and enrollment profiles tell devices to trust it.",
        ],
    ),
    example(
        "tls.key",
        "\"/etc/pomona/key.pem\"",
        &["The private key: PKCS#8, PKCS#1 or SEC1, PEM, without a passphrase."],
    ),
    example(
        "log.folder",
        "\"/var/log/pomona\"",
        &[
            "Where the logs go. Default: logs in the data folder; the service on a Mac uses /Library/Logs/Pomona.",
        ],
    ),
    default(
        "log.level",
        "\"info\"",
        &["error, warn, info, debug or trace. `pomona log level debug --for 30m` raises it for a while."],
    ),
    default("log.rotate_mib", "50", &["A log is rotated at midnight UTC and at this size in MiB."]),
    default("log.keep_days", "14", &["Rotated logs are removed after so many days,"]),
    default(
        "log.keep_mib",
        "1024",
        &["and the oldest of them earlier when all logs together exceed this size in MiB."],
    ),
    default(
        "push.endpoint",
        "\"production\"",
        &[
            "\"production\" is Apple's push service. An address as in \"https://127.0.0.1:2197\" is a pretend one, for tests.",
        ],
    ),
    example(
        "push.roots",
        "\"/etc/pomona/push-roots.pem\"",
        &["Certificates that a pretend push service is trusted by, PEM."],
    ),
    default(
        "limits.connections",
        "4096",
        &[
            "Connections at once. The server keeps 64 file descriptors for itself and lowers this to what the system gives.",
        ],
    ),
    default("limits.per_address", "512", &["Connections at once from one IPv4 address or one IPv6 /64."]),
    default(
        "limits.exempt",
        "[\"127.0.0.0/8\", \"::1/128\"]",
        &["Networks that per_address does not count, as in \"10.0.0.0/8\"."],
    ),
    default("limits.idle_seconds", "60", &["How long a connection is kept without a request."]),
    default(
        "test.des",
        "false",
        &["Accept single DES from SCEP clients. Only for old test tools: DES protects nothing."],
    ),
];

/// The example file: every key with its meaning, defaults as they are, all commented out.
pub fn example_file() -> String {
    let mut text = String::from(
        "# Pomona's configuration. Every key is optional; flags on the command line win over this file.\n\
         # Keys that do not exist are refused, so a typing error cannot go unnoticed.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (head, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if head != section {
            section = head;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push('\n');
        for line in key.about {
            text.push_str(&format!("# {line}\n"));
        }
        text.push_str(&format!("#{name} = {}\n", key.example));
    }
    text
}

/// The known key nearest to `name`, if one is near enough to have been meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|key| {
            // A key under the wrong section, or without one, is still that key.
            let whole = distance(name, key.name);
            let last = |n: &str| n.rsplit('.').next().unwrap_or_default().to_owned();
            let tail = distance(&last(name), &last(key.name)) + usize::from(name != key.name);
            (whole.min(tail), key.name)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, found)| *distance <= (found.len() / 3).max(2))
        .map(|(_, found)| found)
}

/// Edits (insert, delete, replace) between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
