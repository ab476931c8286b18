//! `demo`: the loop closes over real ports, and what each trust counts at the API is what was drawn.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use impress_gateway::sandbox::catalogue::TRUSTS;
use impress_gateway::sandbox::funnel::{Funnel, Scale};
use impress_gateway::sandbox::plan::{Plan, What};

const SCALE: &str = "0.02";

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impress-gateway"));
    command.arg("demo").args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    demo(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The numbers at the end of the first line that begins so.
fn numbers(table: &str, begins: &str, count: usize) -> Vec<u32> {
    let line = table.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{begins}: {table}"));
    let mut cells: Vec<&str> = line.split_whitespace().collect();
    cells.split_off(cells.len() - count).into_iter().map(|cell| cell.parse().unwrap()).collect()
}

fn rows(funnel: &Funnel) -> [u32; 6] {
    let Funnel { screened, matched, started, week16, evaluable, control } = *funnel;
    [screened, matched, started, week16, evaluable, control]
}

#[test]
fn the_loop_closes_and_each_trust_counts_what_was_drawn() {
    let output = run(&["--once", "--scale", SCALE, "--seed", "3"]);
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{table}{said}");
    let plan = Plan::draw(3, Scale::parse(SCALE).unwrap()).unwrap();
    let names = ["screened", "matched to", "treatment", "followed", "of those, evaluable", "of those, disease"];
    for (place, name) in names.into_iter().enumerate() {
        let found = numbers(&table, name, TRUSTS.len() + 2);
        let of_trusts: Vec<u32> = (0..TRUSTS.len()).map(|trust| rows(&plan.of_trust(trust))[place]).collect();
        let drawn = rows(&plan.funnel)[place];
        assert_eq!(found, [of_trusts.as_slice(), &[drawn, drawn]].concat(), "{name}");
    }
    // Each patient has a screening, and an enrolment where a cohort suits; each referral has its Task.
    let statuses = [
        "screening",
        "ineligible",
        "not-registered",
        "candidate",
        "eligible",
        "pending-on-study",
        "on-study-intervention",
        "follow-up",
        "off-study",
        "withdrawn",
        "potential-candidate",
    ];
    let mut sums = vec![0; TRUSTS.len()];
    for status in statuses {
        let counts = numbers(&table, &format!("  {status} "), TRUSTS.len());
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let of_trust = |trust| plan.of_trust(trust);
    let wanted: Vec<u32> = (0..TRUSTS.len()).map(|trust| of_trust(trust).screened + of_trust(trust).matched).collect();
    assert_eq!(sums, wanted);
    let screened: Vec<u32> = (0..TRUSTS.len()).map(|trust| of_trust(trust).screened).collect();
    assert_eq!(numbers(&table, "tasks of referrals", TRUSTS.len()), screened);
    // Trusts without FHIR are told of each of their referrals, at least once.
    let told = numbers(&table, "statuses without FHIR", TRUSTS.len() - 1);
    assert!(told.iter().zip(&screened[1..]).all(|(told, screened)| told >= screened), "{told:?}");
    heard(&table, &plan);
    // Every trust sends in another format, and each is used.
    assert!(screened.iter().all(|count| *count > 0), "{screened:?}");
}

/// What trusts heard by subscription: numbers that the program compares with `$status`, and that are what was drawn.
fn heard(table: &str, plan: &Plan) {
    let numbers = |topic: &str| numbers(table, &format!("  {topic} "), TRUSTS.len());
    let screened: Vec<u32> = (0..TRUSTS.len()).map(|trust| plan.of_trust(trust).screened).collect();
    // Each patient has one report, which is signed when it comes.
    assert_eq!(numbers("report-available"), screened);
    // A subject is written when screening begins, and at each step of the patient.
    let is_step = |what: What| !matches!(what, What::Evaluated(_) | What::Analysed);
    let steps = |trust: usize| {
        let own = plan.events.iter().filter(|event| plan.patients[event.patient].trust == trust && is_step(event.what));
        u32::try_from(own.count()).unwrap()
    };
    let written: Vec<u32> = screened.iter().enumerate().map(|(trust, count)| count + steps(trust)).collect();
    assert_eq!(numbers("enrolment-changed"), written);
    // A Task is there when the referral is taken, and changes at least when screening begins and when it is over.
    let tasks = numbers("referral-status-changed");
    assert!(tasks.iter().zip(&screened).all(|(events, referrals)| *events >= 3 * referrals), "{tasks:?}");
    // Everybody hears the same of cohorts: at least that each was opened.
    let cohorts = numbers("cohort-status-changed");
    assert!(cohorts.iter().all(|count| *count == cohorts[0] && *count as usize > plan.cohorts.len()), "{cohorts:?}");
    let ways = table.lines().find(|line| line.starts_with("each from 1 on without a gap")).unwrap();
    assert!(ways.ends_with(" rest-hook rest-hook long poll"), "{ways}");
}

#[test]
fn what_cannot_be_started_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--port", &port]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains(&format!("port {port} of the page cannot be used")) && said.contains("--port"), "{said}");
    assert!(said.lines().last().unwrap().contains("service.failed"), "{said}");
    for scale in ["0", "1.5", "all"] {
        let output = run(&["--once", "--scale", scale]);
        assert_eq!(output.status.code(), Some(2), "{scale}");
        assert!(text(&output.stderr).contains("cli.usage-invalid"), "{scale}");
    }
}

struct Page {
    process: Child,
    address: String,
    /// The rest of what it says; a process whose listener is gone would be stopped by it.
    _said: BufReader<std::process::ChildStderr>,
}

impl Page {
    fn open() -> Self {
        let mut process =
            demo(&["--scale", "0.005", "--port", "0"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "it ended");
            if let Some(address) = line.trim_end().strip_prefix("page http://") {
                break address.trim_end_matches('/').to_owned();
            }
        };
        Self { process, address, _said: said }
    }

    fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_page_is_for_this_host_alone_and_stays_until_it_is_told() {
    let mut page = Page::open();
    let index = page.get("/", "127.0.0.1");
    assert!(index.starts_with("HTTP/1.1 200") && index.contains("<!doctype html>"), "{index}");
    let policy = index.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).unwrap();
    assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.get("/api/run", "localhost:1").contains("\"phase\":"));
    // A name of somebody else's that leads here (DNS rebinding).
    for path in ["/", "/api/run", "/api/trusts/oslo"] {
        assert!(page.get(path, "evil.example").starts_with("HTTP/1.1 421"), "{path}");
    }
    for path in ["/api/trusts/nobody", "/api/cohorts/nobody", "/metrics"] {
        assert!(page.get(path, "127.0.0.1").starts_with("HTTP/1.1 404"), "{path}");
    }
    let id = page.process.id().to_string();
    assert!(Command::new("kill").arg(id).status().unwrap().success());
    page.process.wait().unwrap();
}
