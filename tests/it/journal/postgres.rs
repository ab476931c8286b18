//! What only the store of many nodes can go through: other nodes, other programs, the network.

use std::sync::Arc;
use std::time::Duration;

use impress_gateway::journal::postgres::{Options, PostgresJournal};
use impress_gateway::journal::{Change, Committed, Filter, Journal, JournalError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;

use super::store::{Store, arrival, at, block_on, case, session, until};

/// The connection string of a schema of the test's own, and what is left to do with it.
fn on_a_schema<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    super::store::on_postgres(|store: Arc<Store>| async move {
        let Store::Postgres(connection) = &*store else { unreachable!() };
        test(connection.clone()).await;
    });
}

async fn open(connection: &str) -> Result<PostgresJournal, JournalError> {
    PostgresJournal::open(Options::new(connection)).await
}

#[test]
fn a_store_of_another_program_is_refused() {
    let newer = "INSERT INTO migrations (version, checksum) VALUES (1000, '00')";
    for (change, text) in [
        (newer, "version 1000"),
        ("UPDATE migrations SET checksum = '00'", "migration 1 is another one"),
        ("DROP TABLE migrations; CREATE TABLE migrations (id INT)", "42703"),
        (
            "DROP TABLE migrations; CREATE TABLE migrations (version INT, checksum INT); \
             INSERT INTO migrations VALUES (1, 1)",
            "the table of migrations is that of another program",
        ),
    ] {
        on_a_schema(|connection| async move {
            drop(open(&connection).await.unwrap());
            session(&connection).await.batch_execute(change).await.unwrap();
            let error = open(&connection).await.unwrap_err();
            assert!(matches!(&error, JournalError::Unusable(reason) if reason.contains(text)), "{error:?}");
        });
    }
}

#[test]
fn a_connection_string_says_nothing_about_itself() {
    block_on(async {
        for connection in ["", "host", "host=/run sslmode=verify-none password=secret", "postgresql://:secret@/%"] {
            let error = open(connection).await.unwrap_err();
            assert!(matches!(error, JournalError::Unusable(_)), "{connection}: {error:?}");
            assert!(!error.to_string().contains("secret"));
        }
        let error = open("host=/nowhere user=nobody password=secret").await.unwrap_err();
        assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
        assert!(!error.to_string().contains("secret"));
    });
}

#[test]
fn with_every_connection_at_work_it_is_busy() {
    on_a_schema(|connection| async move {
        let options = Options { connections: 1, wait: Duration::from_millis(300), ..Options::new(&connection) };
        let journal = Arc::new(PostgresJournal::open(options).await.unwrap());
        let other = session(&connection).await;
        other.batch_execute("BEGIN; LOCK TABLE cases IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let first = tokio::spawn({
            let journal = Arc::clone(&journal);
            async move { journal.commit(arrival("m1")).await }
        });
        let look = session(&connection).await;
        until("the first waits for the lock", || async {
            let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'cases'::regclass";
            look.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
        })
        .await;
        let second = journal.commit(arrival("m2")).await.unwrap_err();
        assert_eq!(second, JournalError::Busy);
        assert_eq!(second.issue().code.as_str(), "journal.busy");
        other.batch_execute("COMMIT").await.unwrap();
        assert_eq!(first.await.unwrap(), Ok(Committed::Stored));
        assert_eq!(journal.commit(arrival("m2")).await, Ok(Committed::Stored));
    });
}

/// Commits of several nodes do not wait for each other, as long as there are chains that nobody appends to.
#[test]
fn a_commit_takes_a_chain_that_is_free_and_waits_where_none_is() {
    on_a_schema(|connection| async move {
        let journal = Arc::new(open(&connection).await.unwrap());
        let other = session(&connection).await;
        // All but one are taken: the one that is left is found at once, each time.
        other.batch_execute("BEGIN; SELECT 1 FROM audit_heads WHERE chain <> 7 FOR UPDATE").await.unwrap();
        for number in 0..3 {
            let committed =
                tokio::time::timeout(Duration::from_secs(5), journal.commit(arrival(&format!("m{number}"))));
            assert_eq!(committed.await.expect("no wait"), Ok(Committed::Stored));
            let audits = journal.audits(format!("m{number}")).await.unwrap();
            assert_eq!((audits[0].chain, audits[0].number), (7, number + 1));
        }
        other.batch_execute("COMMIT; BEGIN; SELECT 1 FROM audit_heads FOR UPDATE").await.unwrap();
        let waiting = tokio::spawn({
            let journal = Arc::clone(&journal);
            async move { journal.commit(arrival("m3")).await }
        });
        let look = session(&connection).await;
        until("it waits for a chain", || async {
            let locks = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";
            look.query_one(locks, &[]).await.unwrap().get::<_, i64>(0) > 0
        })
        .await;
        assert!(!waiting.is_finished());
        other.batch_execute("COMMIT").await.unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(Committed::Stored));
    });
}

#[test]
fn it_goes_on_when_the_server_is_back() {
    on_a_schema(|connection| async move {
        let role = connection.rsplit('=').next().unwrap().trim_end_matches('\'').to_owned();
        let other = session(&connection).await;
        other.batch_execute(&format!("CREATE ROLE {role} LOGIN SUPERUSER")).await.unwrap();
        let journal = open(&connection.replace("user=postgres", &format!("user={role}"))).await.unwrap();
        journal.commit(arrival("m0")).await.unwrap();
        for round in 1..=5 {
            let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1";
            assert!(other.query_one(ended, &[&role]).await.unwrap().get::<_, i64>(0) > 0);
            let id = format!("m{round}");
            until("a message is taken again", || async {
                match journal.commit(arrival(&id)).await {
                    Ok(committed) => {
                        assert!(!matches!(committed, Committed::Stale));
                        true
                    }
                    Err(error) => {
                        assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
                        false
                    }
                }
            })
            .await;
        }
        let filter = Filter { limit: 100, ..Filter::default() };
        assert_eq!(journal.messages(filter).await.unwrap().len(), 6);
        drop(journal);
        other.batch_execute(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP ROLE {role}")).await.unwrap();
    });
}

#[test]
fn tables_that_are_up_to_date_need_no_right_to_make_any() {
    on_a_schema(|connection| async move {
        drop(open(&connection).await.unwrap());
        let role = connection.rsplit('=').next().unwrap().trim_end_matches('\'').to_owned();
        let other = session(&connection).await;
        let rights = format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {role} TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {role} TO {role}"
        );
        other.batch_execute(&rights).await.unwrap();
        let journal = open(&connection.replace("user=postgres", &format!("user={role}"))).await.unwrap();
        assert_eq!(journal.commit(arrival("m1")).await, Ok(Committed::Stored));
        drop(journal);
        other.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    });
}

#[test]
fn weak_settings_of_the_server_do_not_hold() {
    on_a_schema(|connection| async move {
        // As an administrator may have set them for the database or the role, here for the session.
        let weak = connection.replace("options='", "options='-c synchronous_commit=off ");
        let weak = weak.replace("-c search", "-c default_transaction_isolation=serializable -c search");
        let journal = open(&weak).await.unwrap();
        let nodes = [Arc::new(journal), Arc::new(open(&weak).await.unwrap())];
        // With another isolation, one of two writers of different cases would be told that the journal is busy.
        for round in 0..20 {
            let commits =
                nodes.iter().enumerate().map(|(number, node)| node.commit(arrival(&format!("m{round}-{number}"))));
            for committed in futures_util::future::join_all(commits).await {
                assert_eq!(committed, Ok(Committed::Stored));
            }
        }
        let stale = Change { cases: vec![case("referral/m0-0", 7)], ..Change::default() };
        assert_eq!(nodes[0].commit(stale).await, Ok(Committed::Stale));
    });
}

#[test]
fn a_message_that_was_answered_is_on_a_page() {
    on_a_schema(|connection| async move {
        let journal = open(&connection).await.unwrap();
        for id in ["m1", "m2"] {
            journal.commit(arrival(id)).await.unwrap();
        }
        let pages = || async {
            let (mut seen, mut before) = (Vec::new(), None);
            loop {
                let page = journal.messages(Filter { before, limit: 1, ..Filter::default() }).await.unwrap();
                let Some(row) = page.into_iter().next() else { break seen };
                before = Some(row.sequence);
                seen.push(row.id);
            }
        };
        // Another node has taken a place and is still writing, while the next place is answered.
        let other = session(&connection).await;
        other.batch_execute("BEGIN").await.unwrap();
        let columns = "kind, format, channel, sender, content_hash, received, updated, trace, disposition, reason, \
                       content_type, answer_status, answer_type, answer, issues, explanation";
        let insert = format!("INSERT INTO messages (id, {columns}) SELECT 'late', {columns} FROM messages LIMIT 1");
        assert_eq!(other.execute(&insert, &[]).await.unwrap(), 1);
        journal.commit(arrival("m3")).await.unwrap();
        assert_eq!(pages().await, ["m3", "m2", "m1"]);
        other.batch_execute("COMMIT").await.unwrap();
        // Not answered before, so missed before; answered now, so seen now, in its place.
        assert_eq!(pages().await, ["m3", "late", "m2", "m1"]);
    });
}

/// An authority, and what it says a server is.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn server(&self, name: &str) -> tokio_rustls::TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
            .unwrap();
        tokio_rustls::TlsAcceptor::from(Arc::new(config))
    }
}

/// What asks for TLS before anything else (PostgreSQL, section 55.2.11): length 8, code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A server with TLS in front of the one of `connection`; its port.
async fn with_tls(connection: &str, acceptor: tokio_rustls::TlsAcceptor) -> u16 {
    let config: tokio_postgres::Config = connection.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (config, acceptor) = (config.clone(), acceptor.clone());
            tokio::spawn(async move {
                let mut request = [0; 8];
                stream.read_exact(&mut request).await.unwrap();
                assert_eq!(request, SSL_REQUEST, "something was said before TLS");
                stream.write_all(b"S").await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let number = config.get_ports().first().copied().unwrap_or(5432);
                let ended = match &config.get_hosts()[0] {
                    Host::Unix(folder) => {
                        let path = folder.join(format!(".s.PGSQL.{number}"));
                        copy_bidirectional(&mut stream, &mut UnixStream::connect(path).await.unwrap()).await
                    }
                    Host::Tcp(name) => {
                        let mut server = TcpStream::connect((name.as_str(), number)).await.unwrap();
                        copy_bidirectional(&mut stream, &mut server).await
                    }
                };
                drop(ended);
            });
        }
    });
    port
}

#[test]
fn over_a_network_it_is_tls_with_the_server_that_was_named() {
    on_a_schema(|connection| async move {
        let (authority, another) = (Authority::new(), Authority::new());
        let port = with_tls(&connection, authority.server("db.example")).await;
        let (host, rest) = connection.split_once(' ').unwrap();
        assert!(host.starts_with("host="));
        let open = |name: &str, trusted: &Authority| {
            let connection = format!("host={name} hostaddr=127.0.0.1 port={port} {rest}");
            let ca = Some(trusted.0.pem().into_bytes());
            PostgresJournal::open(Options { ca, ..Options::new(&connection) })
        };
        let journal = open("db.example", &authority).await.unwrap();
        assert_eq!(journal.commit(arrival("m1")).await, Ok(Committed::Stored));
        for (name, trusted) in [("db.example", &another), ("other.example", &authority)] {
            let error = open(name, trusted).await.unwrap_err();
            assert!(
                matches!(&error, JournalError::Unavailable(reason) if reason.contains("certificate")),
                "{name}: {error:?}"
            );
        }
    });
}

#[test]
fn a_server_without_tls_is_told_nothing() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 8];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(b"N").await.unwrap();
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.unwrap();
            (request, rest)
        });
        let text = format!("host=db.example hostaddr=127.0.0.1 port={port} user=gateway password=secret");
        let error = open(&text).await.unwrap_err();
        assert!(matches!(&error, JournalError::Unavailable(reason) if reason.contains("TLS")), "{error:?}");
        assert_eq!(heard.await.unwrap(), (SSL_REQUEST, Vec::new()));
    });
}

/// 2,000 deliveries of 100 patients came after the queries were prepared on an empty table: whatever the server thought then,
/// a claim looks at what stands before each candidate and not at everything for each.
#[test]
fn a_claim_reads_few_rows_though_it_was_prepared_on_an_empty_table() {
    on_a_schema(|connection| async move {
        let options = Options { connections: 1, ..Options::new(&connection) };
        let journal = PostgresJournal::open(options).await.unwrap();
        let claim = || journal.claim("trial".to_owned(), 8, at(1_000), at(2_000));
        for _ in 0..10 {
            assert_eq!(claim().await.unwrap().len(), 0);
        }
        assert_eq!(journal.commit(arrival("m1")).await.unwrap(), Committed::Stored);
        let other = session(&connection).await;
        let filled = "INSERT INTO deliveries (message, destination, patient, case_key, kind, state, attempts, due, lease_until, \
            created, body) SELECT 'm1', 'trial', 'p' || (i % 100), 'c' || i, 'send', 'due', 0, i, 0, i, '{}' \
            FROM generate_series(1, 2000) i";
        other.batch_execute(filled).await.unwrap();
        assert_eq!(claim().await.unwrap().len(), 8);
        // The server counts what a session read when the session ends.
        drop(journal);
        let read = std::cell::Cell::new(0);
        until("the server has counted", || async {
            let counted = "SELECT (idx_tup_fetch + seq_tup_read)::BIGINT FROM pg_stat_user_tables \
                WHERE relid = 'deliveries'::regclass";
            read.set(other.query_one(counted, &[]).await.unwrap().get::<_, i64>(0));
            read.get() > 0
        })
        .await;
        let read = read.get();
        assert!(read < 20_000, "{read} rows were read");
    });
}
