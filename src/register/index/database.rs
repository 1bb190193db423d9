//! The SQLite database that the index stands in: a file that several processes share, or a private one.
//!
//! A file that is of another format, or broken, is made empty again in place. It is never deleted: another process may
//! have it open, and would go on writing into what is no longer there.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::failure::{Blame, Problem, Problems};

/// The format of the tables: a file of any other, older or newer, is made anew.
const FORMAT: i32 = 3;

/// `CHCR`, by which a file is known as ours.
const APPLICATION: i32 = 0x4348_4352;

/// The code of the problem that the database could not be used, and that another must be: it is locked, full, gone.
const REFUSED: &str = "register-index";

/// The same where the file is at fault: it has to be made anew.
const BROKEN: &str = "register-index-broken";

/// For so long another process may follow the register before we do so by ourselves.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for every database. No memory map: a file that somebody cuts off would end the program.
const SETTINGS: &str = "PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF;";

/// The usual cache, of 8 MiB: what a filing touches is spread over all of the file, and a larger one only grew with it (with 64 MiB the program
/// from 93 to 147 MB over 30,000 notices).
const USUAL: &str = "PRAGMA cache_size = -8192; PRAGMA shrink_memory;";

/// The cache while very many lines are read.
const ROOMY: &str = "PRAGMA cache_size = -65536;";

/// Gives the database room for reading very many lines, or takes it back.
pub(super) fn make_room(db: &Connection, roomy: bool) -> rusqlite::Result<()> {
    db.execute_batch(if roomy { ROOMY } else { USUAL })
}

/// How many statements are kept ready: more than there are.
const STATEMENTS: usize = 96;

/// Opens the file, made and brought to our format if it has to be.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(PATIENCE)?;
    match settle(&db) {
        Err(error) if is_broken(&error) => {
            tracing::warn!("the index of the register is made anew: {error}");
            empty(&db)?;
            settle(&db)?;
        }
        done => done?,
    }
    Ok(db)
}

/// A database of this process alone: in memory, and beyond its cache in a temporary file that nobody sees.
pub(super) fn private() -> rusqlite::Result<Connection> {
    let db = Connection::open("")?;
    set(&db)?;
    db.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN")?;
    make(&db)?;
    db.execute_batch("COMMIT")?;
    Ok(db)
}

/// What every database of ours has.
fn set(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else each statement is planned anew for each value that it is given: that was half of the time of an admission.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.execute_batch(SETTINGS)?;
    make_room(db, false)
}

/// What is derived need not survive a power cut, but it must not be half of one state and half of another: NORMAL.
fn settle(db: &Connection) -> rusqlite::Result<()> {
    set(db)?;
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN), None));
    }
    db.execute_batch("PRAGMA synchronous = NORMAL")?;
    if is_ours(db)? {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    // Another process may have been faster.
    let made = is_ours(db).and_then(|ours| if ours { Ok(()) } else { make(db) });
    db.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    made
}

/// Whether the tables are those that this program makes.
pub(super) fn is_ours(db: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma: &str| db.prepare_cached(pragma)?.query_row([], |row| row.get::<_, i32>(0));
    Ok(number("PRAGMA application_id")? == APPLICATION && number("PRAGMA user_version")? == FORMAT)
}

/// Makes the empty tables, within a transaction; what was there goes.
pub(super) fn make(db: &Connection) -> rusqlite::Result<()> {
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    drop(tables);
    for name in names {
        db.execute_batch(&format!("DROP TABLE \"{}\"", name.replace('"', "\"\"")))?;
    }
    db.execute_batch(include_str!("tables.sql"))?;
    db.execute_batch(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}"))
}

/// Makes a file empty whatever stands in it, also while others have it open.
fn empty(db: &Connection) -> rusqlite::Result<()> {
    // Only who has looked at the file keeps the mode that others share it in.
    let _ = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
    let done = db.execute_batch("VACUUM");
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
    done
}

/// Whether making the file anew helps; otherwise only another does.
fn is_broken(error: &rusqlite::Error) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory, PermissionDenied, ReadOnly,
    };
    !matches!(
        error.sqlite_error_code(),
        Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | FileLockingProtocolFailed | OutOfMemory | PermissionDenied | ReadOnly)
    )
}

impl From<rusqlite::Error> for Problems {
    fn from(error: rusqlite::Error) -> Self {
        let code = if is_broken(&error) { BROKEN } else { REFUSED };
        let help = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "Free some space on the disk; it is tried again by itself.",
            _ => "It is tried again by itself; if it stays, ask whoever looks after the machine.",
        };
        let message = format!("The index of the register (.chancery/register.sqlite) could not be used: {error}.");
        Problem::new(code, message, help).blaming(Blame::Machine).into()
    }
}

/// What is to be done about problems of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::register) enum Fault {
    /// The file is broken: it is made anew.
    Broken,
    /// The file cannot be used: a private index does instead.
    Refused,
}

/// Whether the index is to blame, and not what was asked of it.
pub(in crate::register) fn fault(problems: &Problems) -> Option<Fault> {
    problems.iter().find_map(|problem| match problem.code.as_str() {
        BROKEN => Some(Fault::Broken),
        REFUSED => Some(Fault::Refused),
        _ => None,
    })
}

/// Empties a file that was found to be broken while it was in use.
pub(super) fn mend(db: &Connection) -> rusqlite::Result<()> {
    empty(db)?;
    settle(db)
}
