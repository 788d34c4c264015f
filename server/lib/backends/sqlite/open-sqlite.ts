import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { startError } from '#or3-sync/shared/sync/errors/start-error'
import { describeSqliteError } from './describe-sqlite-error'
import { isLock } from './is-lock'
import type { SqliteStatements } from './sqlite-statements'
import { prepareTables, readFormat } from './sqlite-tables'
import { StoreFiles } from './store-files'

/** How long to wait for a file that another process has locked, in milliseconds. */
export const PATIENCE_MS = 2_000
/** Pause between two tries, in milliseconds. */
const PAUSE_MS = 10

export interface OpenStore {
  db: DatabaseSync
  sql: SqliteStatements
  /** Null for a store in memory. */
  path: string | null
  /** Absent for a store in memory. */
  files?: StoreFiles
}

/**
 * Opens the store's file. Creates its folder and its tables.
 *
 * @throws Error of one line if Node has no `node:sqlite`, if the disk is full, or if the file cannot be opened, is locked, read-only or
 * damaged, or belongs to another program
 */
export function openSqlite(path: string, maxBytes?: number): OpenStore {
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) throw startError('sqlite-needs-node', `the sqlite backend needs node:sqlite, which Node ${process.version} does not have; use Node 22.13 or newer; 24 is recommended`)
  const file = path === ':memory:' ? path : resolve(path)
  let db: DatabaseSync | undefined
  try {
    if (file !== ':memory:') makeFolder(dirname(file))
    const opened = db = new sqlite.DatabaseSync(file)
    const sql = whenFree(() => setUp(opened, maxBytes))
    // From now on no lock may block the event loop: `SqliteConnection` waits for it instead.
    db.exec('PRAGMA busy_timeout = 0')
    return file === ':memory:' ? { db, sql, path: null } : { db, sql, path: file, files: new StoreFiles(file) }
  }
  catch (error) {
    db?.close()
    throw startError('sqlite-not-opened', `cannot open the SQLite store ${file}: ${describeSqliteError(error)}`, { cause: error })
  }
}

/** Can be repeated from the start. */
function setUp(db: DatabaseSync, maxBytes: number | undefined): SqliteStatements {
  db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`)
  // Before anything is written: the file may belong to another program.
  readFormat(db)
  // Changing the mode needs the whole file, and SQLite does not wait for that.
  if (db.prepare('PRAGMA journal_mode').get()?.journal_mode !== 'wal') db.exec('PRAGMA journal_mode = WAL')
  // FULL: an acknowledged op survives a power cut. Devices rely on that when they rescan.
  db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -16000')
  // What is deleted or replaced is overwritten with zeros: erasing a workspace must leave nothing in free pages.
  db.exec('PRAGMA secure_delete = ON')
  if (maxBytes !== undefined) limitSize(db, maxBytes)
  return prepareTables(db)
}

/** Repeats `work` while the file is locked. SQLite's own `busy_timeout` does not cover every lock, and several servers may start with one new file. */
function whenFree<T>(work: () => T): T {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try { return work() }
    catch (error) { if (!isLock(error) || performance.now() >= deadline) throw error }
    // Blocks the thread on purpose: stores are opened synchronously.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS * (0.5 + Math.random()))
  }
}

/** Makes one folder after the other. Node's recursive mkdir never returns if a parent exists but no entry can be made in it (`/proc`). */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  // Another server may be making the same folder.
  try { mkdirSync(path) }
  catch (error) { if (!existsSync(path)) throw error }
}

/** SQLite counts pages. A file that is already larger keeps its size but does not grow. */
function limitSize(db: DatabaseSync, maxBytes: number): void {
  const pageSize = Number(db.prepare('PRAGMA page_size').get()?.page_size)
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`)
}
