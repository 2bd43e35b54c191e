//! Prices of work whose size a document does not show, in points: 1,000 are 10 ms of CPU, of the server and the database
//! together. Measured on PostgreSQL: 1,000 actions imported took 0.34 s of CPU, 1,000 members 0.17 s, an export of 4 MB 0.37 s.

/// A row of an import, dry or not.
const IMPORTED_ROW: u32 = 35;
/// A client that moves with others: about twenty statements.
const MOVED_CLIENT: u32 = 100;
/// A kilobyte of an export.
const EXPORTED_KILOBYTE: u32 = 10;
/// A password hashed or checked.
pub const HASH: u32 = 2_000;
/// A closing of benchmarks.
pub const CLOSING: u32 = 60_000;

/// The price of an import of this many rows.
pub fn import_price(rows: usize) -> u32 {
    multiply(rows, IMPORTED_ROW)
}

/// The price of importing a document of this many bytes: a row is about 100 bytes.
pub fn document_import_price(bytes: usize) -> u32 {
    import_price(bytes.div_ceil(100))
}

/// The price of moving this many clients at once.
pub fn moving_price(clients: usize) -> u32 {
    multiply(clients, MOVED_CLIENT)
}

/// The price of an export of this many bytes.
pub fn export_price(bytes: usize) -> u32 {
    multiply(bytes.div_ceil(1024), EXPORTED_KILOBYTE)
}

fn multiply(number: usize, each: u32) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).saturating_mul(each)
}
