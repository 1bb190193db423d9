-- The tables of the index. All of it is made from the register's lines and can be made again; a change here raises
-- FORMAT in database.rs. Indexes that only questions need stand in lookups.sql: a whole register is read without them.

-- Where reading has come to: one row.
CREATE TABLE position (
    file TEXT, offset INTEGER NOT NULL, line INTEGER NOT NULL, last BLOB NOT NULL, unterminated INTEGER NOT NULL,
    seq INTEGER NOT NULL, head TEXT NOT NULL, newer INTEGER, newer_file TEXT, indexed INTEGER NOT NULL
) STRICT;
INSERT INTO position VALUES (NULL, 0, 0, x'', 0, 0, '', NULL, NULL, 0);

-- The year files that were read to their ends, as they were then: by this it is seen that one was changed by hand.
CREATE TABLE stamps (file TEXT PRIMARY KEY, length INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Every `filed` line, in order, narrow enough to be walked through; `id` in lower case, `source`, `content` and `title` hashed.
CREATE TABLE entries (
    place INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, date TEXT NOT NULL,
    number TEXT, note_id TEXT, part TEXT, source INTEGER NOT NULL, content INTEGER NOT NULL, title INTEGER NOT NULL, version INTEGER NOT NULL,
    status TEXT, joins INTEGER, superseded_by INTEGER, void INTEGER NOT NULL DEFAULT 0, disposed INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0, joined INTEGER NOT NULL DEFAULT 0, changed INTEGER
) STRICT;
CREATE INDEX entries_seq ON entries (seq);

-- The lines themselves, the files in the inbox that each came from, and what later lines said of it (JSON).
CREATE TABLE records (place INTEGER PRIMARY KEY, line BLOB NOT NULL, inbox TEXT, afterwards TEXT) STRICT;

-- Those whose files in the inbox wait to be removed, and who is to do so.
CREATE TABLE waiting (place INTEGER PRIMARY KEY, writer TEXT NOT NULL) STRICT;

-- Whom records name.
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE named (person INTEGER NOT NULL, place INTEGER NOT NULL) STRICT;

-- The ids that records relate to, in lower case.
CREATE TABLE related (target TEXT NOT NULL, place INTEGER NOT NULL) STRICT;

-- Open reservations.
CREATE TABLE open (
    seq INTEGER NOT NULL, id TEXT NOT NULL, writer TEXT NOT NULL, source INTEGER NOT NULL, note INTEGER, folded TEXT NOT NULL,
    reservation TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX open_place ON open (seq, id);
CREATE INDEX open_source ON open (source);
CREATE INDEX open_note ON open (note) WHERE note IS NOT NULL;
CREATE INDEX open_folded ON open (folded);

-- The paths that are taken, and the numbers that were given with their place in the series; both hashed.
CREATE TABLE paths (place INTEGER PRIMARY KEY, hash INTEGER NOT NULL) STRICT;
CREATE TABLE numbers (place INTEGER PRIMARY KEY, hash INTEGER NOT NULL, n INTEGER NOT NULL) STRICT;

-- The last number of each series and year.
CREATE TABLE series (name TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (name, year)) STRICT, WITHOUT ROWID;

-- What was dropped and stood already.
CREATE TABLE duplicates (
    of INTEGER NOT NULL, writer TEXT NOT NULL, source INTEGER NOT NULL, source_sha256 TEXT NOT NULL, type TEXT NOT NULL, part TEXT,
    parts INTEGER NOT NULL, inbox TEXT NOT NULL
) STRICT;
CREATE INDEX duplicates_source ON duplicates (source) WHERE part IS NOT NULL;
CREATE INDEX duplicates_writer ON duplicates (writer);

-- What was taken back: the files that its writer moves, and what must not be filed again by itself.
CREATE TABLE taken_back (writer TEXT NOT NULL, of INTEGER NOT NULL, files TEXT NOT NULL) STRICT;
CREATE TABLE returned (
    source_sha256 TEXT NOT NULL, type TEXT NOT NULL, template_sha256 TEXT NOT NULL, PRIMARY KEY (source_sha256, type, template_sha256)
) STRICT, WITHOUT ROWID;

-- Every folder of the archive for which a writer ever had a reservation.
CREATE TABLE folders (writer TEXT NOT NULL, folder TEXT NOT NULL, PRIMARY KEY (writer, folder)) STRICT, WITHOUT ROWID;

CREATE TABLE answers (source_sha256 TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE torn (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Damaged lines; `seq` is the one that each would have had.
CREATE TABLE damage (file TEXT NOT NULL, line INTEGER NOT NULL, message TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
