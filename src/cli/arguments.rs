//! What can be said on the command line; the texts are the manual.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const REPORT_HELP: &str = "Exit status:\n  \
    0  translated; there may be warnings\n  \
    1  translated, but some parts could not be read: what could be read is there, the rest is listed\n  \
    2  nothing printed; the last line of standard error is an OperationOutcome\n\n\
    Examples:\n  \
    impress-gateway translate report 251114_A02134_0115_BHCJCKDRX7_TSO_500_LocalApp_results --out bundles\n  \
    impress-gateway translate report IPD9001-D01-P01-A08_CombinedVariantOutput.tsv --summary\n  \
    impress-gateway translate report FOLDER --accounting rows.json --issues issues.json > bundle.json";

const REFERRAL_HELP: &str = "Exit status:\n  \
    0  translated; there may be warnings\n  \
    1  translated, but some values could not be used; they are listed\n  \
    2  nothing printed: the message is refused, or a resource fails its profile; the last line of standard error is an\n     \
       OperationOutcome. The receipt is written all the same\n\n\
    Examples:\n  \
    impress-gateway translate referral henvisning.xml --receipt apprec.xml > bundle.json\n  \
    impress-gateway translate referral ref-i12.hl7 --face pseudonymous --pretty\n  \
    impress-gateway translate referral - --issues issues.json --accounting values.json < message";

const SERVE_HELP: &str = "Exit status:\n  \
    0  stopped as asked\n  \
    2  could not be started; the last line of standard error is an OperationOutcome\n\n\
    Examples:\n  \
    impress-gateway serve --config gateway.toml\n  \
    curl -H \"Authorization: Bearer $SECRET\" --data-binary @henvisning.xml http://127.0.0.1:8080/intake/referrals";

const DEMO_HELP: &str = "Exit status:\n  \
    0  with --once: everything that was drawn has come back to its trust; without: stopped as asked\n  \
    1  with --once: something did not come back, or not in time; standard error says what\n  \
    2  could not be started; the last line of standard error is an OperationOutcome\n\n\
    Examples:\n  \
    impress-gateway demo\n  \
    impress-gateway demo --once --scale 1 --seed 7";

const VALIDATE_HELP: &str = "Exit status:\n  \
    0  no errors; there may be warnings\n  \
    1  errors\n  \
    2  a file could not be read or is not FHIR JSON\n\n\
    Examples:\n  \
    impress-gateway validate bundle.json\n  \
    impress-gateway validate --json *.ndjson\n  \
    impress-gateway translate report FOLDER | impress-gateway validate -";

/// Translate referrals and the genomic results of InPreD laboratories into FHIR R4 / Genomics Reporting 3.0.0.
#[derive(Debug, Parser)]
#[command(name = "impress-gateway", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 done (warnings allowed), 1 done but some parts had errors, 2 nothing printed.\n\
    Every issue has a stable code; docs/errors.md says what each one means and who can put it right."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Translate files into a FHIR transaction Bundle
    #[command(subcommand)]
    Translate(TranslateCommand),
    /// Look at the mapping files
    #[command(subcommand)]
    Mappings(MappingsCommand),
    /// Compile and export the profiles
    #[command(subcommand)]
    Profiles(ProfilesCommand),
    /// Validate FHIR R4 resources against their profiles
    ///
    /// Reads resources, Bundles or NDJSON and checks each resource against its type, the profiles it claims and the
    /// profiles asked for.
    #[command(after_help = VALIDATE_HELP)]
    Validate(ValidateArguments),
    /// Take messages, keep them, and deliver them
    ///
    /// Runs until it is told to stop (SIGTERM or SIGINT): then it takes no new messages and finishes what is in flight.
    /// A message that was answered with success is on the disk.
    #[command(after_help = SERVE_HELP)]
    Serve(ServiceArguments),
    /// Show the whole way: referrals, reports, trial and back, with synthetic patients
    ///
    /// Starts the service with a store in a temporary folder, and around it, on this host, an issuer of access tokens, three
    /// health trusts, two laboratories and a trial system. Everything goes over the service's own ports with tokens. Then it
    /// prints what each trust has received, counted with the trust's own token, and shows it on a page until it is stopped.
    #[command(after_help = DEMO_HELP)]
    Demo(DemoArguments),
    /// Look at or record a patient's consent to the trial
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// List messages and what became of them
    Messages(MessagesArguments),
    /// List deliveries that wait for a person
    DeadLetters(DeadLettersArguments),
    /// Deliver dead letters again, or translate held messages again
    Replay(ReplayArguments),
    /// Show and settle which sample belongs to which referral
    #[command(subcommand)]
    Links(LinksCommand),
    /// Print the cohorts: status, stage, slots, biomarker, tumour type, drug
    Cohorts(CohortsArguments),
    /// Further health trusts that see what belongs to a referral
    #[command(subcommand)]
    Grants(GrantsCommand),
    /// Check the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Copy the SQLite journal to a new file while it is in use
    Backup(BackupArguments),
}

#[derive(Debug, Args)]
pub(super) struct ServiceArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Seed of everything that is drawn
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// Part of the published trial (1,167 patients), above 0 and at most 1
    #[arg(long, value_name = "PART", default_value = "0.1")]
    pub(super) scale: String,
    /// Port of the page
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(super) port: u16,
    /// End when everything has come back; no page waits
    #[arg(long)]
    pub(super) once: bool,
}

#[derive(Debug, Args)]
pub(super) struct CohortsArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,

    /// Print what was counted, too: interim numbers of open cohorts, which no trust may see
    #[arg(long)]
    pub(super) counts: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConsentCommand {
    /// Print what is known
    Show(ConsentArguments),
    /// Record that the patient consents: what waited for it is sent
    Record(ConsentArguments),
    /// Record that the consent was withdrawn: what is queued is cancelled and the trial is told to stop
    Withdraw(ConsentArguments),
}

#[derive(Debug, Args)]
pub(super) struct ConsentArguments {
    /// Id of the referral (ServiceRequest), as in `case` of a message
    #[arg(value_name = "REFERRAL")]
    pub(super) referral: String,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum GrantsCommand {
    /// List those of a referral, also what was ended
    List(ConsentArguments),
    /// Let a trust see what belongs to a referral
    Add(GrantArguments),
    /// End what a trust was let see of a referral
    End(GrantEndArguments),
}

#[derive(Debug, Args)]
pub(super) struct GrantArguments {
    /// Id of the referral (ServiceRequest), as in `case` of a message
    #[arg(value_name = "REFERRAL")]
    pub(super) referral: String,
    /// Id of the trust, as in trusts.toml
    #[arg(value_name = "TRUST")]
    pub(super) trust: String,
    /// Why, a word: `second-opinion`
    #[arg(long, value_name = "WORD", default_value = "operator")]
    pub(super) reason: String,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct GrantEndArguments {
    /// Id of the referral (ServiceRequest), as in `case` of a message
    #[arg(value_name = "REFERRAL")]
    pub(super) referral: String,
    /// Id of the trust, as in trusts.toml
    #[arg(value_name = "TRUST")]
    pub(super) trust: String,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum LinksCommand {
    /// List reports that wait for a referral or for a person
    List(LinksListArguments),
    /// Take links from a file with the columns sample_id, referral, requisition and requester
    ///
    /// Each line has a referral (id of the ServiceRequest), or a requisition number and the organisation number of who
    /// requested. Lines that cannot be taken are named; the others are.
    Import(LinksImportArguments),
    /// Choose the referral of a report that waits
    Resolve(LinksResolveArguments),
}

#[derive(Debug, Args)]
pub(super) struct LinksListArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct LinksImportArguments {
    /// Comma-separated file
    #[arg(value_name = "LINKS")]
    pub(super) links: PathBuf,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct LinksResolveArguments {
    /// Id of the report's message
    #[arg(value_name = "MESSAGE")]
    pub(super) message: String,
    /// Id of the referral (ServiceRequest)
    #[arg(value_name = "REFERRAL")]
    pub(super) referral: String,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Walk the chains of the audit trail: what was altered, removed, inserted or cut off is named
    ///
    /// Prints chain, number and hash of the last row of each chain that is whole. Kept away from the store and given
    /// again with --heads, they show that nothing up to there was replaced.
    Verify(AuditVerifyArguments),
}

#[derive(Debug, Args)]
pub(super) struct AuditVerifyArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only this chain
    #[arg(long, value_name = "NUMBER")]
    pub(super) chain: Option<i64>,
    /// What was printed earlier
    #[arg(long, value_name = "FILE")]
    pub(super) heads: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct MessagesArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only with this disposition
    #[arg(long, value_name = "WORD")]
    pub(super) disposition: Option<String>,
    /// Only of this organisation
    #[arg(long, value_name = "ORGANISATION")]
    pub(super) sender: Option<String>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(super) count: i64,
}

#[derive(Debug, Args)]
pub(super) struct DeadLettersArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only of this destination
    #[arg(long, value_name = "NAME")]
    pub(super) destination: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only of this destination
    #[arg(long, value_name = "NAME")]
    pub(super) destination: Option<String>,
    /// Translate messages again that a defect of the mapping holds
    #[arg(long)]
    pub(super) retranslate: bool,
    /// Only of messages received at this instant or later
    #[arg(long, value_name = "INSTANT")]
    pub(super) from: Option<String>,
    /// Only of messages received before this instant
    #[arg(long, value_name = "INSTANT")]
    pub(super) to: Option<String>,
    /// Only of messages of this organisation
    #[arg(long, value_name = "ORGANISATION")]
    pub(super) source: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// File to write; it must not be there
    #[arg(value_name = "FILE")]
    pub(super) target: PathBuf,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum TranslateCommand {
    /// Translate a TSO500 result folder, or one CombinedVariantOutput file
    ///
    /// Reads the result folder of a LocalApp 2.2, DRAGEN 2.1 to 2.6 or ctDNA pipeline and prints one FHIR R4 transaction
    /// Bundle.
    ///
    /// Every line of every file that is read ends in one of two ways: a resource of the Bundle holds it, or it is listed
    /// with a code and the reason; --accounting writes which. The same input gives the same bytes on every machine.
    #[command(after_help = REPORT_HELP)]
    Report(ReportArguments),
    /// Translate one referral: XML (Henvisning 1.0, 1.1, 2.0), HL7 v2 (REF^I12 to I14) or FHIR R4
    ///
    /// Reads one message, whatever its format, and prints one FHIR R4 transaction Bundle: as health trusts see it, or as the
    /// trial system does, without what identifies the patient.
    ///
    /// Every value of the message ends in one of two ways: a resource of the Bundle holds it, or it is listed with a code;
    /// --accounting writes which. --receipt writes the answer that the sender's standard promises.
    #[command(after_help = REFERRAL_HELP)]
    Referral(ReferralArguments),
}

#[derive(Debug, Subcommand)]
pub(super) enum MappingsCommand {
    /// Check every template, table and overlay; list each defect with file, line and column
    Check(CheckArguments),
    /// Print the fields that templates can name, as Markdown
    Fields,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfilesCommand {
    /// Compile the package extracts of the source tree; print what the compiled form cannot express
    Compile(CompileArguments),
    /// Write the profiles as JSON Schemas, for those who check their resources before they send them
    ///
    /// Writes one JSON Schema (draft 2020-12) per profile, one for any resource, a list of what they cannot check, and a
    /// README. The folder is made where it is not there. What an earlier export left in it is replaced; a folder with
    /// anything else in it is refused.
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// Folder to write to
    #[arg(value_name = "DIR")]
    pub(super) directory: PathBuf,
    /// Configuration (TOML): the gateway's own profiles get its canonical base
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompileArguments {
    /// Take the extracts from the FHIR packages (.tgz) in this folder first
    #[arg(long, value_name = "DIR")]
    pub(super) packages: Option<PathBuf>,
    /// Write nothing; fail if a file is stale
    #[arg(long)]
    pub(super) check: bool,
    /// Root of the source tree
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArguments {
    /// Files; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Print one line of JSON per file, with an OperationOutcome
    #[arg(long)]
    pub(super) json: bool,
    /// Check every resource of the profile's type against it as well; can be repeated
    #[arg(long, value_name = "URL")]
    pub(super) profile: Vec<String>,
    /// Use the profiles of this FHIR package as well; can be repeated
    #[arg(long, value_name = "TGZ")]
    pub(super) package: Vec<PathBuf>,
    /// Configuration (TOML): the gateway's own profiles are looked up under its canonical base
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Result folder, or one *_CombinedVariantOutput.tsv
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,
    /// Write what became of every input row, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) accounting: Option<PathBuf>,
    /// Write the issues, as an OperationOutcome
    #[arg(long, value_name = "FILE")]
    pub(super) issues: Option<PathBuf>,
    /// Configuration (TOML); without it ids are derived with a public demo secret and numbers get no category
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Write one Bundle per patient into this folder instead of printing one
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print a table for a person instead of the Bundle
    #[arg(long)]
    pub(super) summary: bool,
    /// Print the Bundle indented
    #[arg(long)]
    pub(super) pretty: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReferralArguments {
    /// Message; - is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Who the Bundle is for
    #[arg(long, value_enum, default_value_t = FaceArgument::Identified)]
    pub(super) face: FaceArgument,
    /// Write the receipt, in the format of the message; a refused message has one as well
    #[arg(long, value_name = "FILE")]
    pub(super) receipt: Option<PathBuf>,
    /// Write what became of every value of the message, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) accounting: Option<PathBuf>,
    /// Write the issues, as an OperationOutcome
    #[arg(long, value_name = "FILE")]
    pub(super) issues: Option<PathBuf>,
    /// Configuration (TOML); without it ids are derived with a public demo secret and synthetic national numbers are refused
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print the Bundle indented
    #[arg(long)]
    pub(super) pretty: bool,
}

/// Who a Bundle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FaceArgument {
    /// Health trusts, laboratories and the registry
    Identified,
    /// The trial system
    Pseudonymous,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Mapping folder to check instead of the embedded or configured one
    #[arg(long, value_name = "DIR")]
    pub(super) directory: Option<PathBuf>,
    /// Configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}
