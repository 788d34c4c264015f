import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { describeSqliteError } from './describe-sqlite-error'

/** Rises when the tables change in a way older code cannot read. 2: results by writer, histories of commits. */
const FORMAT = 2

/**
 * `records` is the feed AND the state: one row per record with its latest version, deleted ones included.
 * Workspaces are numbered so that the trees of `records` stay small. The last two indexes hold deleted records only.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workspaces (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT 0, gc_floor INTEGER NOT NULL DEFAULT 0, commits TEXT
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
 * Opens the store's file, makes its folder and its tables.
 *
 * @throws Error of one line: no `node:sqlite` here; a file that cannot be opened, is locked, read-only, damaged or something else; a full disk.
 */
export function openSqlite(path: string, maxBytes?: number): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) throw new Error(`[or3-sync] the sqlite backend needs node:sqlite, which Node ${process.version} does not have; use Node 22.13 or newer; 24 is recommended`)
  const file = path === ':memory:' ? path : resolve(path)
  let db: DatabaseSync | undefined
  try {
    if (file !== ':memory:') makeFolder(dirname(file))
    db = new sqlite.DatabaseSync(file)
    // FULL: an acknowledged op survives a power cut. The client trusts the store's word when it rescans.
    db.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000')
    // What is deleted or replaced is overwritten with zeros: erasing a workspace must leave nothing in free pages.
    db.exec('PRAGMA secure_delete = ON')
    if (maxBytes !== undefined) limitSize(db, maxBytes)
    prepareTables(db)
    // A server that runs must not stand still for a lock: see `SqliteConnection`.
    db.exec('PRAGMA busy_timeout = 0')
    return db
  }
  catch (error) {
    db?.close()
    throw new Error(`[or3-sync] cannot open the SQLite store ${file}: ${describeSqliteError(error)}`, { cause: error })
  }
}

/** Step by step: Node's own recursive mkdir never returns where a parent exists but takes no entries (`/proc`). */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  // Another server may be making the same folder.
  try { mkdirSync(path) }
  catch (error) { if (!existsSync(path)) throw error }
}

/** SQLite counts pages. A file that is larger already stays, and grows no more. */
function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageSize = Number(db.prepare('PRAGMA page_size').get()?.page_size)
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`)
}

function prepareTables(db: DatabaseSync): void {
  // Two servers may start on one new file: the second waits here and finds everything done.
  db.exec('BEGIN IMMEDIATE')
  try {
    db.exec(TABLES)
    const note = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
    note.run('format', String(FORMAT))
    note.run('epoch', crypto.randomUUID())
    let format = Number(db.prepare('SELECT value FROM meta WHERE key = \'format\'').get()?.value)
    if (format === 1) format = upgradeFrom1(db)
    if (format !== FORMAT) throw new Error(`it has format ${format}, this version of or3-sync reads format ${FORMAT}`)
    db.exec('COMMIT')
  }
  catch (error) {
    // A full disk has made SQLite roll back by itself.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * What writers were last answered was kept by device; nobody knows which writer of the device that was, so it goes: an answer that was on
 * its way during the upgrade is not repeated. Histories begin with the next commit.
 */
function upgradeFrom1(db: DatabaseSync): number {
  db.exec(`
    ALTER TABLE workspaces ADD COLUMN commits TEXT;
    DELETE FROM devices WHERE cursor IS NULL;
    ALTER TABLE devices DROP COLUMN last_batch;
    UPDATE meta SET value = '2' WHERE key = 'format';
  `)
  return 2
}
