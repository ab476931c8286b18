//! The promises of the journal, kept by both stores: each test runs on SQLite, and on PostgreSQL where `IMPRESS_POSTGRES`
//! holds a connection string.

/// Tests of these names, each a function of a store, on both stores.
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                use crate::journal::store::{on_postgres, on_sqlite};

                #[test]
                fn sqlite() {
                    on_sqlite(super::$name);
                }

                #[test]
                fn postgres() {
                    on_postgres(super::$name);
                }
            }
        )+
    };
}

mod accept;
mod audit_search;
mod consent;
mod deliveries;
mod messages;
mod order;
mod owners;
mod postgres;
mod proofs;
mod retention;
mod search;
mod small_disk;
mod sqlite;
mod store;
mod subscription_versions;
mod subscriptions;
mod tamper;
mod three_nodes;
