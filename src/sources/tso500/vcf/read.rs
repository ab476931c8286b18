//! The path of a file: bytes, lines, header, data lines, and what becomes of each.

use super::Source;
use super::book::Book;
use super::header::samples::{Choice, choose};
use super::header::{Columns, Header, Version, kept, sample_names, version};
use super::input::{Line, Lines, Stop};
use super::record::{Record, Refusal, split};
use super::wire::Head;
use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::domain::limits::{Limits, VcfLimits};
use crate::redact::quote;
use std::io::Read;

/// What reads the data lines of one kind of VCF.
pub(super) trait Calls {
    /// Reads a line: opens or counts it in `context.book`. A refused line is listed by the caller.
    fn read(&mut self, record: &Record<'_>, context: &mut Context<'_, '_>) -> Result<(), Failure>;
}

/// What a data line is read with.
pub(super) struct Context<'c, 'a> {
    pub(super) header: &'c Header,
    pub(super) limits: &'c VcfLimits,
    pub(super) book: &'c mut Book<'a>,
}

/// Why a line is not used.
#[derive(Debug)]
pub(super) enum Failure {
    /// The line; the rest goes on.
    Line(Refusal),
    /// The file.
    File(Stop),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Line(refusal)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::File(stop)
    }
}

/// Reads a file. `None` where none of its lines is used; the account then says why, and lists those that were read.
pub(super) fn read<'a>(
    source: &Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
    calls: &mut impl Calls,
) -> Option<(Head, Book<'a>)> {
    let mut reading = Reading { source, limits, header: Header::default(), state: State::Meta, header_lines: 0 };
    let mut book = Book::new(source.file, &limits.vcf, account);
    let result = reading.run(reader, calls, &mut book);
    if let Err(stop) = result {
        book.file_issue(stop.code, stop.line, stop.text);
        book.list_all(stop.code);
        return None;
    }
    match reading.state {
        State::Calls { sample_column, .. } => {
            let Header { program, dialect, reference, .. } = reading.header;
            let file = source.file.clone();
            Some((Head { file, sample_column, program, dialect, reference }, book))
        }
        State::Meta => {
            book.file_issue(IssueCode::VcfHeaderInvalid, None, "the file has no line of column names");
            None
        }
        State::Refused(_) => None,
    }
}

struct Reading<'s, 'a> {
    source: &'s Source<'a>,
    limits: &'s Limits,
    header: Header,
    state: State,
    header_lines: u32,
}

/// How far the reader is.
enum State {
    /// Before the line of column names.
    Meta,
    /// After it.
    Calls { columns: Columns, head: String, sample_column: String },
    /// The file is not used; its lines are counted under this code.
    Refused(IssueCode),
}

impl Reading<'_, '_> {
    fn run(&mut self, reader: impl Read, calls: &mut impl Calls, book: &mut Book<'_>) -> Result<(), Stop> {
        let mut lines = Lines::open(reader, self.source.length, self.limits)?;
        while lines.advance()? {
            let line = lines.line();
            if !line.is_terminated {
                let text = "the last line does not end in a line break";
                return Err(Stop::at(IssueCode::VcfLineUnterminated, line.number, text));
            }
            if line.bytes.first() == Some(&b'#') {
                self.read_header_line(line, book)?;
            } else if !line.bytes.iter().all(u8::is_ascii_whitespace) {
                self.read_call(line, calls, book)?;
            }
        }
        Ok(())
    }

    fn read_header_line(&mut self, line: Line<'_>, book: &mut Book<'_>) -> Result<(), Stop> {
        self.header_lines += 1;
        if self.header_lines > self.limits.vcf.header_lines {
            let text = format!("the header has more than {} lines", self.limits.vcf.header_lines);
            return Err(Stop::at(IssueCode::VcfHeaderTooLong, line.number, text));
        }
        let text = String::from_utf8_lossy(line.bytes);
        if text.starts_with("##") {
            // A second block of meta lines, after the column names, says nothing about the lines before it.
            if matches!(self.state, State::Meta) {
                self.header.read(&text);
            }
            return Ok(());
        }
        match &self.state {
            State::Meta => self.begin(line.number, &text, book),
            State::Calls { head, .. } if *head == text => {}
            State::Calls { .. } => {
                let text = "a second line of column names differs from the first";
                return Err(Stop::at(IssueCode::VcfHeaderInvalid, line.number, text));
            }
            State::Refused(_) => {}
        }
        Ok(())
    }

    /// Takes the line of column names and decides whether the file is used.
    fn begin(&mut self, line: u32, text: &str, book: &mut Book<'_>) {
        self.state = match self.check(line, text, book) {
            Ok(state) => state,
            Err((code, text)) => {
                book.file_issue(code, Some(line), text);
                State::Refused(code)
            }
        };
    }

    fn check(&self, line: u32, text: &str, book: &mut Book<'_>) -> Result<State, (IssueCode, String)> {
        let names = sample_names(text)
            .ok_or_else(|| (IssueCode::VcfHeaderInvalid, "not the column names of a VCF".to_owned()))?;
        match version(self.header.version.as_deref()) {
            Version::Known => {}
            Version::Unknown => {
                let version = self.header.version.as_deref().map_or("no version".to_owned(), quote);
                book.file_issue(IssueCode::VcfVersionUnknown, Some(1), version);
            }
            Version::Unsupported => {
                let text = quote(self.header.version.as_deref().unwrap_or_default());
                return Err((IssueCode::VcfVersionUnsupported, text));
            }
        }
        if let Some(other) = self.header.assembly.other() {
            return Err((IssueCode::VcfAssemblyWrong, other.to_owned()));
        }
        let (sample, sample_column) = self.choose_sample(line, names.clone(), book)?;
        if !self.header.assembly.is_37() {
            let code = IssueCode::VcfAssemblyUnstated;
            book.file_issue(code, None, code.meaning());
        }
        if !self.header.program.as_ref().is_some_and(|program| program.is_known()) {
            let name = self.header.program.as_ref().map_or("no caller".to_owned(), |program| quote(&program.name));
            book.file_issue(IssueCode::VcfCallerUnknown, None, format!("the header names {name}"));
        }
        let columns = Columns::new(names.count(), sample);
        Ok(State::Calls { columns, head: text.to_owned(), sample_column })
    }

    /// The number and the name of the sample column that is read.
    fn choose_sample<'n>(
        &self,
        line: u32,
        mut names: impl Iterator<Item = &'n str> + Clone,
        book: &mut Book<'_>,
    ) -> Result<(usize, String), (IssueCode, String)> {
        let sample_id = self.source.sample_id;
        let expected = sample_id.map_or("the sample".to_owned(), quote);
        let sample = match choose(names.clone(), sample_id) {
            Choice::Named(index) => index,
            Choice::Only => 0,
            Choice::OnlyOther => {
                let name = quote(names.clone().next().unwrap_or_default());
                let text = format!("the column is {name}, the file is of {expected}");
                book.file_issue(IssueCode::VcfSampleDiffers, Some(line), text);
                0
            }
            Choice::OtherSample => {
                let name = quote(names.clone().next().unwrap_or_default());
                return Err((IssueCode::VcfSampleOther, format!("the column is {name}, the file is of {expected}")));
            }
            Choice::Unknown => {
                let count = names.clone().count();
                return Err((IssueCode::VcfSampleUnknown, format!("{count} sample columns; none alone is {expected}")));
            }
        };
        Ok((sample, kept(names.nth(sample).unwrap_or_default())))
    }

    fn read_call(&mut self, line: Line<'_>, calls: &mut impl Calls, book: &mut Book<'_>) -> Result<(), Stop> {
        if matches!(self.state, State::Meta) {
            let text = "a call stands before the line of column names";
            book.file_issue(IssueCode::VcfHeaderInvalid, Some(line.number), text);
            self.state = State::Refused(IssueCode::VcfHeaderInvalid);
        }
        let columns = match &self.state {
            State::Calls { columns, .. } => *columns,
            State::Refused(code) => {
                book.count(line.number, *code);
                return Ok(());
            }
            State::Meta => return Ok(()),
        };
        let mut context = Context { header: &self.header, limits: &self.limits.vcf, book: &mut *book };
        match read_line(line, columns, calls, &mut context) {
            Ok(()) => Ok(()),
            Err(Failure::Line(refusal)) => {
                book.refuse(line.number, refusal);
                Ok(())
            }
            Err(Failure::File(stop)) => Err(stop),
        }
    }
}

fn read_line(
    line: Line<'_>,
    columns: Columns,
    calls: &mut impl Calls,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let text = std::str::from_utf8(line.bytes)
        .map_err(|_| Refusal::new(IssueCode::FileEncodingInvalid, "", "the line is not UTF-8"))?;
    let record = split(line.number, text, columns)?;
    calls.read(&record, context)
}
