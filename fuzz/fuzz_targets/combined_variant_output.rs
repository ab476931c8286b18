//! Any bytes as a CombinedVariantOutput, through to the Bundle: no panic, and every row has an outcome.
#![no_main]

use std::sync::{Arc, LazyLock};

use impress_gateway::config::Config;
use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::issue::IssueCode;
use impress_gateway::domain::limits::Limits;
use impress_gateway::pipeline::Gateway;
use impress_gateway::sources::tso500::text::Text;
use impress_gateway::sources::tso500::{Files, Output, combined_variant_output, plan};
use libfuzzer_sys::fuzz_target;

static GATEWAY: LazyLock<Gateway> =
    LazyLock::new(|| impress_gateway::startup::load(&Config::default()).expect("the embedded mapping is valid"));

fuzz_target!(|data: &[u8]| {
    let file: Arc<str> = Arc::from("IPD9001-D01-P01-A08_CombinedVariantOutput.tsv");
    let Ok(text) = Text::from_bytes(&file, data.to_vec()) else { return };
    let mut account = Account::default();
    let Some(content) = combined_variant_output::parse(&text, &Limits::default(), &mut account) else {
        assert!(account.ledger.open_rows().is_empty(), "a refused file leaves no row open");
        return;
    };
    let outputs = vec![Output { content, file_id: None, run_id: None, implied: None }];
    let files = Files { outputs, ..Files::default() };
    let path = std::path::Path::new("absent");
    GATEWAY.read_tso500(path, |context| {
        let plan = plan(files, context.knowledge, &mut account);
        for group in plan.groups() {
            let report = plan.report(group, context.limits, context.knowledge, &mut account);
            for rendered in GATEWAY.templates.render(&report, &GATEWAY.ids) {
                assert!(rendered.json.starts_with('{') && rendered.json.ends_with('}'));
            }
            report.for_each_holder(|_, rows| rows.iter().for_each(|&row| account.ledger.represent(row, "held")));
        }
        plan.close(context.limits, &mut account);
    });
    assert!(account.ledger.open_rows().is_empty(), "a row is neither held nor listed");
    assert!(account.issues.iter().all(|issue| issue.code != IssueCode::RowUnaccounted));
});
