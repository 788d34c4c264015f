import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { describeSqliteError } from './describe-sqlite-error'
import { isLock } from './is-lock'
import type { SqliteStatements } from './sqlite-statements'
import { prepareTables, readFormat } from './sqlite-tables'
import { StoreFiles } from './store-files'

/** How long a file is waited for that another process has locked, in milliseconds. */
export const PATIENCE_MS = 2_000
/** Between one try and the next, in milliseconds. */
const PAUSE_MS = 10

export interface OpenStore {
  db: DatabaseSync
  sql: SqliteStatements
  /** Absent: it is in memory. */
  files?: StoreFiles
}

/**
 * Opens the store's file, makes its folder and its tables.
 *
 * @throws Error of one line: no `node:sqlite` here; a file that cannot be opened, is locked, read-only, damaged or something else's; a full disk.
 */
export function openSqlite(path: string, maxBytes?: number): OpenStore {
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) throw new Error(`[or3-sync] the sqlite backend needs node:sqlite, which Node ${process.version} does not have; use Node 22.13 or newer; 24 is recommended`)
  const file = path === ':memory:' ? path : resolve(path)
  let db: DatabaseSync | undefined
  try {
    if (file !== ':memory:') makeFolder(dirname(file))
    const opened = db = new sqlite.DatabaseSync(file)
    const sql = whenFree(() => setUp(opened, maxBytes))
    // A server that runs must not stand still for a lock: see `SqliteConnection`.
    db.exec('PRAGMA busy_timeout = 0')
    return file === ':memory:' ? { db, sql } : { db, sql, files: new StoreFiles(file) }
  }
  catch (error) {
    db?.close()
    throw new Error(`[or3-sync] cannot open the SQLite store ${file}: ${describeSqliteError(error)}`, { cause: error })
  }
}

/** May be done again from the start. */
function setUp(db: DatabaseSync, maxBytes: number | undefined): SqliteStatements {
  db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`)
  // Before anything is written: the file may be somebody else's.
  readFormat(db)
  // Changing the mode takes the whole file, and SQLite does not wait for that.
  if (db.prepare('PRAGMA journal_mode').get()?.journal_mode !== 'wal') db.exec('PRAGMA journal_mode = WAL')
  // FULL: an acknowledged op survives a power cut. The client trusts the store's word when it rescans.
  db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -16000')
  // What is deleted or replaced is overwritten with zeros: erasing a workspace must leave nothing in free pages.
  db.exec('PRAGMA secure_delete = ON')
  if (maxBytes !== undefined) limitSize(db, maxBytes)
  return prepareTables(db)
}

/** Not every lock is waited for by SQLite itself (`busy_timeout`): several servers that start on one new file meet each other. */
function whenFree<T>(work: () => T): T {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try { return work() }
    catch (error) { if (!isLock(error) || performance.now() >= deadline) throw error }
    // A store opens at once or not at all: its caller does not await it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS * (0.5 + Math.random()))
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
