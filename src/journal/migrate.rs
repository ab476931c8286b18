//! Versions of the tables: forward only, each in a transaction with its mark, so that one that was cut off is begun again.

use sha2::{Digest, Sha256};

/// A migration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    /// Number, from 1.
    pub(super) version: i64,
    /// The statements.
    pub(super) sql: &'static str,
    /// Whether the chains of the audit trail are made after it.
    pub(super) makes_chains: bool,
}

impl Migration {
    /// SHA-256 of the statements, hexadecimal: tells that a migration that ran is the one that is here.
    pub(super) fn checksum(self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

pub(super) const SQLITE: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../migrations/sqlite/0001_journal.sql"), makes_chains: false },
    Migration { version: 2, sql: include_str!("../../migrations/sqlite/0002_audit_chain.sql"), makes_chains: true },
    Migration { version: 3, sql: include_str!("../../migrations/sqlite/0003_delivery_hash.sql"), makes_chains: false },
    Migration { version: 4, sql: include_str!("../../migrations/sqlite/0004_proofs.sql"), makes_chains: false },
    Migration { version: 5, sql: include_str!("../../migrations/sqlite/0005_search.sql"), makes_chains: false },
    Migration { version: 6, sql: include_str!("../../migrations/sqlite/0006_subscriptions.sql"), makes_chains: false },
    Migration { version: 7, sql: include_str!("../../migrations/sqlite/0007_audit_tenant.sql"), makes_chains: false },
    Migration {
        version: 8,
        sql: include_str!("../../migrations/sqlite/0008_subscription_versions.sql"),
        makes_chains: false,
    },
];

pub(super) const POSTGRES: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../migrations/postgres/0001_journal.sql"), makes_chains: false },
    Migration { version: 2, sql: include_str!("../../migrations/postgres/0002_audit_chain.sql"), makes_chains: true },
    Migration {
        version: 3,
        sql: include_str!("../../migrations/postgres/0003_delivery_hash.sql"),
        makes_chains: false,
    },
    Migration { version: 4, sql: include_str!("../../migrations/postgres/0004_proofs.sql"), makes_chains: false },
    Migration { version: 5, sql: include_str!("../../migrations/postgres/0005_search.sql"), makes_chains: false },
    Migration {
        version: 6,
        sql: include_str!("../../migrations/postgres/0006_subscriptions.sql"),
        makes_chains: false,
    },
    Migration { version: 7, sql: include_str!("../../migrations/postgres/0007_audit_tenant.sql"), makes_chains: false },
    Migration {
        version: 8,
        sql: include_str!("../../migrations/postgres/0008_subscription_versions.sql"),
        makes_chains: false,
    },
];

/// Which migrations are still to run; `done` are version and checksum of those that ran.
///
/// Errors: a text where the tables are those of a newer program, or a migration is another one than ran.
pub(super) fn missing(migrations: &'static [Migration], done: &[(i64, String)]) -> Result<Vec<Migration>, String> {
    for (version, checksum) in done {
        match migrations.iter().find(|migration| migration.version == *version) {
            None => return Err(format!("its tables have version {version}, which this program does not know")),
            Some(known) if known.checksum() != *checksum => {
                return Err(format!("migration {version} is another one than this program has"));
            }
            Some(_) => {}
        }
    }
    let is_done = |migration: &&Migration| done.iter().any(|(version, _)| *version == migration.version);
    Ok(migrations.iter().filter(|migration| !is_done(migration)).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_does_not_run_again_and_must_be_the_same() {
        let first = SQLITE[0];
        assert_eq!(missing(SQLITE, &[]).unwrap().len(), SQLITE.len());
        assert_eq!(missing(SQLITE, &[(1, first.checksum())]).unwrap().len(), SQLITE.len() - 1);
        assert!(missing(SQLITE, &[(1, "0".repeat(64))]).unwrap_err().contains("another one"));
        assert!(missing(SQLITE, &[(1_000, first.checksum())]).unwrap_err().contains("version 1000"));
    }

    #[test]
    fn both_stores_have_the_same_versions() {
        let versions = |migrations: &[Migration]| migrations.iter().map(|one| one.version).collect::<Vec<_>>();
        assert_eq!(versions(SQLITE), versions(POSTGRES));
    }
}
