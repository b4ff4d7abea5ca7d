//! Automerge's column encodings, read with a limit on everything.
//!
//! Automerge 0.12 reads run lengths from the bytes and believes them: 40 bytes can claim 2^62 operations, and
//! `Change::try_from` then loops over them. A group column can ask for a vector of any size. So every column is counted
//! here first, against limits that the caller gives, before Automerge sees the chunk.
//!
//! The encodings are those of Automerge's binary format specification (automerge.org/automerge-binary-format-spec).

use super::GateRefusal;

/// Bytes yet to be read.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(&'a [u8]);

const MALFORMED: GateRefusal = GateRefusal::Malformed;

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: u64) -> Result<&'a [u8], GateRefusal> {
        let length = usize::try_from(length).map_err(|_| MALFORMED)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], GateRefusal> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, GateRefusal> {
        let (byte, rest) = self.0.split_first().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(*byte)
    }

    /// Reads an unsigned LEB128 in its shortest form.
    pub(crate) fn unsigned(&mut self) -> Result<u64, GateRefusal> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(MALFORMED);
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return if shift > 0 && byte == 0 { Err(MALFORMED) } else { Ok(value) };
            }
        }
        Err(MALFORMED)
    }

    /// Reads a signed LEB128; numbers beyond 56 bits have no honest use here.
    pub(crate) fn signed(&mut self) -> Result<i64, GateRefusal> {
        let mut value = 0;
        for shift in (0..56).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                return Ok(if negative { value | (-1 << (shift + 7)) } else { value });
            }
        }
        Err(MALFORMED)
    }
}

/// What a column may hold at most.
#[derive(Clone, Copy)]
pub(crate) struct RowLimit(pub(crate) u64);

impl RowLimit {
    fn admit(self, so_far: usize, more: u64) -> Result<usize, GateRefusal> {
        let total = more.saturating_add(so_far as u64);
        if total > self.0 { Err(GateRefusal::RunTooLong) } else { usize::try_from(total).map_err(|_| MALFORMED) }
    }
}

/// Reads a run-length column of optional values.
pub(crate) fn runs<'a, T: Clone>(
    bytes: &'a [u8],
    limit: RowLimit,
    mut read: impl FnMut(&mut Bytes<'a>) -> Result<T, GateRefusal>,
) -> Result<Vec<Option<T>>, GateRefusal> {
    let mut bytes = Bytes::new(bytes);
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let run = bytes.signed()?;
        match run {
            0 => {
                let total = limit.admit(rows.len(), bytes.unsigned()?)?;
                rows.resize(total, None);
            }
            1.. => {
                let total = limit.admit(rows.len(), run.unsigned_abs())?;
                let value = read(&mut bytes)?;
                rows.resize(total, Some(value));
            }
            _ => {
                limit.admit(rows.len(), run.unsigned_abs())?;
                for _ in 0..run.unsigned_abs() {
                    rows.push(Some(read(&mut bytes)?));
                }
            }
        }
    }
    Ok(rows)
}

/// Reads a run-length column in which no value is missing.
pub(crate) fn full_runs<'a, T: Clone>(
    bytes: &'a [u8],
    limit: RowLimit,
    read: impl FnMut(&mut Bytes<'a>) -> Result<T, GateRefusal>,
) -> Result<Vec<T>, GateRefusal> {
    runs(bytes, limit, read)?.into_iter().collect::<Option<_>>().ok_or(MALFORMED)
}

/// Reads a column of differences in which no value is missing and none is negative.
pub(crate) fn deltas(bytes: &[u8], limit: RowLimit) -> Result<Vec<u64>, GateRefusal> {
    let mut value = 0_i64;
    full_runs(bytes, limit, |bytes| bytes.signed())?
        .into_iter()
        .map(|delta| {
            value = value.checked_add(delta).ok_or(MALFORMED)?;
            u64::try_from(value).map_err(|_| MALFORMED)
        })
        .collect()
}

/// Counts the rows of a boolean column and insists that all are false.
pub(crate) fn all_false(bytes: &[u8], limit: RowLimit) -> Result<usize, GateRefusal> {
    let mut bytes = Bytes::new(bytes);
    if bytes.is_empty() {
        return Ok(0);
    }
    let rows = limit.admit(0, bytes.unsigned()?)?;
    if bytes.is_empty() { Ok(rows) } else { Err(GateRefusal::ListsForbidden) }
}

/// Reads an unsigned number of 32 bits: no counter or index here is greater.
pub(crate) fn small(bytes: &mut Bytes<'_>) -> Result<u32, GateRefusal> {
    u32::try_from(bytes.unsigned()?).map_err(|_| MALFORMED)
}

/// Reads a text with its length, at most `most` bytes.
pub(crate) fn text<'a>(bytes: &mut Bytes<'a>, most: u64) -> Result<&'a str, GateRefusal> {
    let length = bytes.unsigned()?;
    if length > most {
        return Err(GateRefusal::KeyUnknown);
    }
    std::str::from_utf8(bytes.take(length)?).map_err(|_| MALFORMED)
}

/// A table of columns as chunks carry it: what each is, and where its bytes are.
pub(crate) struct Table<'a> {
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    /// The specification without the mark for compression.
    spec: u64,
    compressed: bool,
    bytes: &'a [u8],
}

/// The mark in a column's specification that says that its bytes are compressed.
const COMPRESSED: u64 = 0b1000;
/// More columns than Automerge has.
const COLUMNS_MAX: u64 = 32;

/// The specifications and lengths that precede the columns' bytes.
pub(crate) struct Layout(Vec<(u64, u64)>);

impl Layout {
    /// Reads the layout: specifications strictly ascending, as Automerge writes them.
    pub(crate) fn read(bytes: &mut Bytes<'_>) -> Result<Self, GateRefusal> {
        let count = bytes.unsigned()?;
        if count > COLUMNS_MAX {
            return Err(MALFORMED);
        }
        let mut columns: Vec<(u64, u64)> = Vec::new();
        for _ in 0..count {
            let (spec, length) = (bytes.unsigned()?, bytes.unsigned()?);
            if columns.last().is_some_and(|(last, _)| last & !COMPRESSED >= spec & !COMPRESSED) {
                return Err(MALFORMED);
            }
            columns.push((spec, length));
        }
        Ok(Self(columns))
    }

    /// Takes the columns' bytes.
    pub(crate) fn table<'a>(&self, bytes: &mut Bytes<'a>) -> Result<Table<'a>, GateRefusal> {
        let mut columns = Vec::with_capacity(self.0.len());
        for (spec, length) in &self.0 {
            let bytes = bytes.take(*length)?;
            columns.push(Column { spec: spec & !COMPRESSED, compressed: spec & COMPRESSED != 0, bytes });
        }
        Ok(Table { columns })
    }
}

impl<'a> Table<'a> {
    /// Tells whether any column is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        self.columns.iter().any(|column| column.compressed)
    }

    /// Refuses any column that is not among these.
    pub(crate) fn allow(&self, specs: &[u64]) -> Result<(), GateRefusal> {
        let known = |column: &Column<'_>| specs.contains(&column.spec);
        if self.columns.iter().all(known) { Ok(()) } else { Err(GateRefusal::ColumnUnknown) }
    }

    /// Gives the bytes of a column; none if it is absent.
    pub(crate) fn get(&self, spec: u64) -> &'a [u8] {
        self.columns.iter().find(|column| column.spec == spec).map_or(&[], |column| column.bytes)
    }

    /// Gives the bytes of a column inflated. What inflating may still yield is taken off the `budget_bytes`.
    pub(crate) fn inflated(&self, spec: u64, budget_bytes: &mut u64) -> Result<Vec<u8>, GateRefusal> {
        let Some(column) = self.columns.iter().find(|column| column.spec == spec) else { return Ok(Vec::new()) };
        let bytes = if column.compressed { inflate(column.bytes, *budget_bytes)? } else { column.bytes.to_vec() };
        *budget_bytes = budget_bytes.checked_sub(bytes.len() as u64).ok_or(GateRefusal::InflatesTooFar)?;
        Ok(bytes)
    }
}

/// Inflates a raw DEFLATE stream (RFC 1951) to at most this many bytes.
fn inflate(bytes: &[u8], most_bytes: u64) -> Result<Vec<u8>, GateRefusal> {
    use std::io::Read;
    let mut inflated = Vec::new();
    let mut decoder = flate2::bufread::DeflateDecoder::new(bytes).take(most_bytes.saturating_add(1));
    decoder.read_to_end(&mut inflated).map_err(|_| MALFORMED)?;
    if inflated.len() as u64 > most_bytes {
        return Err(GateRefusal::InflatesTooFar);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: RowLimit = RowLimit(10);

    #[test]
    fn a_run_of_any_length_is_refused_before_it_is_unrolled() {
        let mut bytes = vec![0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 7];
        assert_eq!(runs(&bytes, FEW, Bytes::unsigned), Err(GateRefusal::RunTooLong), "a run of equal values");
        bytes.insert(0, 0);
        assert_eq!(runs(&bytes, FEW, Bytes::unsigned), Err(GateRefusal::RunTooLong), "a run of nothing");
        assert_eq!(all_false(&[0xFF, 0xFF, 0x03], FEW), Err(GateRefusal::RunTooLong));
        // Automerge negates the least i64, which overflows.
        let least = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F];
        assert_eq!(runs(&least, FEW, Bytes::unsigned), Err(GateRefusal::Malformed));
    }

    #[test]
    fn runs_literals_and_nothing_are_read_as_automerge_writes_them() {
        // Three sevens, then 1, 2, then two nothings.
        let bytes = [3, 7, 0x7E, 1, 2, 0, 2];
        let rows = runs(&bytes, FEW, Bytes::unsigned).unwrap();
        assert_eq!(rows, [Some(7), Some(7), Some(7), Some(1), Some(2), None, None]);
        assert_eq!(deltas(&[2, 5, 0x7F, 0x7E], FEW).unwrap(), [5, 10, 8]);
        assert_eq!(deltas(&[0x7F, 0x7E], FEW), Err(GateRefusal::Malformed), "a counter below zero");
    }

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(Bytes::new(&[0x80, 0x00]).unsigned(), Err(GateRefusal::Malformed));
        assert_eq!(Bytes::new(&[0xFF; 10]).unsigned(), Err(GateRefusal::Malformed));
        assert_eq!(Bytes::new(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]).unsigned(), Ok(u64::MAX));
        assert_eq!(Bytes::new(&[]).unsigned(), Err(GateRefusal::Malformed));
    }

    #[test]
    fn a_bomb_is_not_inflated_beyond_its_budget() {
        use std::io::Read;
        let zeros = vec![0; 1 << 20];
        let mut bomb = Vec::new();
        flate2::bufread::DeflateEncoder::new(zeros.as_slice(), flate2::Compression::best())
            .read_to_end(&mut bomb)
            .unwrap();
        assert!(bomb.len() < 2048);
        assert_eq!(inflate(&bomb, 1000), Err(GateRefusal::InflatesTooFar));
        assert_eq!(inflate(&bomb, 1 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
    }
}
