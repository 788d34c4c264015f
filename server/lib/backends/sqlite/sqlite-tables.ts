import type { DatabaseSync } from 'node:sqlite'
import { prepareStatements } from './sqlite-statements'
import type { SqliteStatements } from './sqlite-statements'

/** Raised when the tables change so that older code cannot read them. 2: results are kept by writer, and workspaces have a history of commits. */
const FORMAT = 2
/** SQLite's result code for a statement that names a missing table or column. */
const SQL_ERROR = 1

/**
 * `records` is both the feed and the state: one row for each record with its latest version, deleted ones included. Workspaces are numbered
 * to keep the indexes small. The last two indexes hold deleted records only.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workspaces (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT 0, gc_floor INTEGER NOT NULL DEFAULT 0, commits TEXT, purged_before INTEGER, hand TEXT
);
CREATE TABLE IF NOT EXISTS records (
  workspace INTEGER NOT NULL, tbl TEXT NOT NULL, pk TEXT NOT NULL,
  version INTEGER NOT NULL, op TEXT NOT NULL, clock INTEGER NOT NULL, hlc TEXT NOT NULL, op_id TEXT NOT NULL, device_id TEXT NOT NULL,
  written_at INTEGER NOT NULL, collected INTEGER NOT NULL DEFAULT 0, payload TEXT,
  UNIQUE (workspace, tbl, pk)
);
CREATE INDEX IF NOT EXISTS feed ON records (workspace, version, tbl, op) WHERE collected = 0;
CREATE INDEX IF NOT EXISTS tombstones ON records (workspace, version, written_at) WHERE collected = 0 AND op = 'delete';
CREATE INDEX IF NOT EXISTS collected_tombstones ON records (written_at) WHERE collected = 1;
CREATE TABLE IF NOT EXISTS devices (
  workspace INTEGER NOT NULL, user_id TEXT NOT NULL, device_id TEXT NOT NULL,
  cursor INTEGER, seen_at INTEGER NOT NULL,
  UNIQUE (workspace, user_id, device_id)
);
CREATE TABLE IF NOT EXISTS results (
  workspace INTEGER NOT NULL, user_id TEXT NOT NULL, node TEXT NOT NULL,
  seen_at INTEGER NOT NULL, length INTEGER NOT NULL, memory TEXT NOT NULL,
  UNIQUE (workspace, user_id, node)
);
`

/**
 * Checks that the file is an or3-sync store. Writes nothing.
 *
 * @returns its format; null: it is empty
 * @throws Error of one line if it belongs to another program, or to a later version of or3-sync
 */
export function readFormat(db: DatabaseSync): number | null {
  const names = db.prepare('SELECT name FROM sqlite_master WHERE type = \'table\' ORDER BY name').all().map(({ name }) => String(name))
  if (names.length === 0) return null
  const format = columnsOf(db, 'meta').has('value') ? Number(db.prepare('SELECT value FROM meta WHERE key = \'format\'').get()?.value) : Number.NaN
  if (!Number.isInteger(format)) throw new Error(`it is the database of something else (tables ${names.slice(0, 5).join(', ')}); nothing was changed; name another file`)
  // Checked before anything else is read, because another format may have other tables.
  if (format < 1 || format > FORMAT) throw new Error(`it has format ${format}, this version of or3-sync reads formats 1 to ${FORMAT}; use the version that wrote it, or name another file`)
  return format
}

/**
 * Creates the tables, or upgrades them, in one transaction. If one of our tables is not as expected, all of it is rolled back.
 *
 * @returns the statements that run on them
 */
export function prepareTables(db: DatabaseSync): SqliteStatements {
  // Two servers may start with the same new file. The second one waits here, and then finds the tables.
  db.exec('BEGIN IMMEDIATE')
  try {
    const format = readFormat(db) ?? FORMAT
    db.exec(TABLES)
    const note = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
    note.run('format', String(FORMAT))
    note.run('epoch', crypto.randomUUID())
    if (format === 1) upgradeFrom1(db)
    // Older stores of this format lack these columns. Older code works with them too, so the format number stays.
    const columns = columnsOf(db, 'workspaces')
    if (!columns.has('purged_before')) db.exec('ALTER TABLE workspaces ADD COLUMN purged_before INTEGER')
    if (!columns.has('hand')) db.exec('ALTER TABLE workspaces ADD COLUMN hand TEXT')
    // These statements name every column, so preparing them fails if one is missing.
    const statements = prepareStatements(db)
    db.exec('COMMIT')
    return statements
  }
  catch (error) {
    // On a full disk, SQLite has already rolled back by itself.
    if (db.isTransaction) db.exec('ROLLBACK')
    if ((error as { errcode?: unknown }).errcode !== SQL_ERROR) throw error
    throw new Error(`its tables are not those of an or3-sync store (${(error as Error).message}); nothing was changed; name another file, or restore a backup`, { cause: error })
  }
}

function columnsOf(db: DatabaseSync, table: string): ReadonlySet<string> {
  return new Set(db.prepare('SELECT name FROM pragma_table_info(?)').all(table).map(({ name }) => String(name)))
}

/**
 * Format 1 kept the last answer by device, without the writer that got it. So these answers are dropped, and an answer that was on its way
 * during the upgrade is not repeated. Histories of commits begin with the next commit.
 */
function upgradeFrom1(db: DatabaseSync): void {
  db.exec(`
    ALTER TABLE workspaces ADD COLUMN commits TEXT;
    DELETE FROM devices WHERE cursor IS NULL;
    ALTER TABLE devices DROP COLUMN last_batch;
    UPDATE meta SET value = '2' WHERE key = 'format';
  `)
}
