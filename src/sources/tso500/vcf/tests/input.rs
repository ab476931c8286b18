//! Compressed, damaged, cut-off and hostile bytes.

use std::io::Read;

use super::*;

const CALL: &str = "chr7\t200\t.\tT\tA\t.\tPASS\tDP=20\tGT:AD:AF:DP\t0/1:10,5:0.3:20\n";

fn content() -> Vec<u8> {
    format!("{DRAGEN}{}", CALL.repeat(500)).into_bytes()
}

#[test]
fn plain_gzip_and_bgzip_are_the_same() {
    let plain = content();
    let members = [gzip(&plain[..1_000]), gzip(&plain[1_000..])].concat();
    let expected = read(&plain);
    assert_eq!(expected.0.as_ref().unwrap().variants.len(), 500);
    for compressed in [gzip(&plain), members, bgzip(&plain, 700), bgzip(&plain, 60_000)] {
        let (vcf, account) = read(&compressed);
        assert_eq!((vcf, account.ledger, account.issues), (expected.0.clone(), expected.1.ledger.clone(), vec![]));
    }
}

#[test]
fn a_file_that_is_cut_off_is_not_used() {
    let whole = bgzip(&content(), 700);
    let end = whole.len() - BGZIP_END.len();
    let first_block = usize::from(u16::from_le_bytes([whole[16], whole[17]])) + 1;
    let zip = gzip(&content());
    // At a block boundary every block is whole: only the missing end tells.
    let cuts = [
        &whole[..end],
        &whole[..first_block],
        &whole[..end - 5],
        &whole[..whole.len() - 1],
        &zip[..zip.len() - 1],
        &zip[..zip.len() - 9],
        &zip[..zip.len() / 2],
        &zip[..5],
    ];
    for cut in cuts {
        let (vcf, account) = read(cut);
        assert_eq!((vcf, codes(&account)), (None, vec![IssueCode::VcfGzipInvalid]), "{} bytes", cut.len());
        assert_eq!(account.ledger.open_rows(), []);
        assert!(listed(&account).iter().all(|(_, _, code, _)| *code == IssueCode::VcfGzipInvalid));
    }
}

#[test]
fn damage_anywhere_is_told() {
    let zip = gzip(&content());
    let (checksum, length) = (zip.len() - 8, zip.len() - 4);
    for at in [checksum, length, zip.len() / 2] {
        let mut damaged = zip.clone();
        damaged[at] ^= 0x55;
        let (vcf, account) = read(&damaged);
        // What the damaged bytes say before the checksum is reached may raise issues of its own.
        assert_eq!((vcf, codes(&account).pop()), (None, Some(IssueCode::VcfGzipInvalid)), "byte {at}");
        assert_eq!(account.ledger.open_rows(), []);
    }
    let (vcf, account) = read(&[zip.as_slice(), b"garbage"].concat());
    assert_eq!((vcf, codes(&account)), (None, vec![IssueCode::VcfGzipInvalid]));
}

#[test]
fn what_is_neither_text_nor_gzip_is_told() {
    for (bytes, code) in [
        (&b"BCF\x02\x02"[..], IssueCode::VcfContentUnknown),
        (b"PK\x03\x04", IssueCode::VcfContentUnknown),
        (b"##fileformat=VCFv4.2\0", IssueCode::VcfContentUnknown),
        (b"\xff\xfe#\0", IssueCode::FileEncodingInvalid),
        (b"", IssueCode::FileEmpty),
    ] {
        let (vcf, account) = read(bytes);
        assert_eq!((vcf, codes(&account)), (None, vec![code]), "{bytes:?}");
    }
    assert_eq!(codes(&read(&gzip(b"")).1), [IssueCode::FileEmpty]);
}

/// A reader that gives a pattern without end, and counts.
struct Endless<'a> {
    head: &'a [u8],
    byte: u8,
    given: &'a mut u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = if self.head.is_empty() {
            buffer.fill(self.byte);
            buffer.len()
        } else {
            let length = self.head.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.head[..length]);
            self.head = &self.head[length..];
            length
        };
        *self.given += length as u64;
        Ok(length)
    }
}

#[test]
fn a_line_without_end_is_not_read_to_its_end() {
    let limits = Limits { line_bytes: 1_000, ..Limits::default() };
    for (byte, code) in [(b'A', IssueCode::FileLineTooLong), (b'\t', IssueCode::FileLineTooLong)] {
        let mut given = 0;
        let (file, mut account) = (Arc::from("S1.vcf"), Account::default());
        let source = Source { file: &file, length: u64::MAX, sample_id: None };
        let reader = Endless { head: DRAGEN.as_bytes(), byte, given: &mut given };
        assert_eq!(read_small_variants(source, reader, &limits, &mut account), None);
        assert_eq!(places(&account), [(code, Some(12), None)]);
        assert!(given < 200_000, "{given} bytes were read");
    }
}

#[test]
fn lines_and_bytes_without_end_are_refused() {
    let vcf_limits = VcfLimits { lines: 1_000, ..VcfLimits::default() };
    let limits = Limits { vcf: vcf_limits, ..Limits::default() };
    let mut given = 0;
    let (file, mut account) = (Arc::from("S1.vcf"), Account::default());
    let source = Source { file: &file, length: u64::MAX, sample_id: None };
    let reader = Endless { head: DRAGEN.as_bytes(), byte: b'\n', given: &mut given };
    assert_eq!(read_small_variants(source, reader, &limits, &mut account), None);
    assert_eq!(places(&account), [(IssueCode::FileTooManyLines, Some(1_001), None)]);

    let limits = Limits { vcf: VcfLimits { bytes: 5_000, ..VcfLimits::default() }, ..Limits::default() };
    let (vcf, account) = read_within(&content(), &limits);
    assert_eq!((vcf, codes(&account)), (None, vec![IssueCode::FileTooLarge]));
}

#[test]
fn a_bomb_is_refused_by_how_much_it_expands() {
    let limits =
        Limits { vcf: VcfLimits { ratio: 50, ratio_from: 100_000, ..VcfLimits::default() }, ..Limits::default() };
    let reference = "chr7\t200\t.\tT\t.\t.\tPASS\t.\tGT\t0/0\n".repeat(100_000);
    let bomb = gzip(format!("{DRAGEN}{CALL}{reference}").as_bytes());
    let (vcf, account) = read_within(&bomb, &limits);
    assert_eq!((vcf, codes(&account)), (None, vec![IssueCode::VcfRatioExceeded]));
    assert_eq!(account.ledger.open_rows(), []);
    let (vcf, _) = read_within(format!("{DRAGEN}{CALL}{reference}").as_bytes(), &limits);
    assert_eq!(vcf.unwrap().variants.len(), 1, "a plain file does not expand");
}

#[test]
fn a_file_that_changed_or_cannot_be_read_is_told() {
    let (file, content, limits) = (Arc::from("S1.vcf"), content(), Limits::default());
    for compressed in [content.clone(), gzip(&content)] {
        let mut account = Account::default();
        let source = Source { file: &file, length: compressed.len() as u64 + 1, sample_id: None };
        assert_eq!(read_small_variants(source, compressed.as_slice(), &limits, &mut account), None);
        assert_eq!(codes(&account), [IssueCode::FileChanged]);
    }
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    for head in [&b""[..], &content] {
        let mut account = Account::default();
        let source = Source { file: &file, length: 0, sample_id: None };
        assert_eq!(read_small_variants(source, head.chain(Broken), &limits, &mut account), None);
        assert_eq!(codes(&account), [IssueCode::FolderEntryUnreadable]);
    }
}
