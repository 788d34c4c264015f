import type Dexie from 'dexie'
import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import { hashText } from '../../../shared/sync/protocol/hash-text'
import { encodeLocalRow, plainRow } from '../rows/encode-local-row'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { AdoptedState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { storedRows } from '../records/stored-rows'

type Row = Record<string, unknown>

/** A row that was read from the local database, where it is to be removed. */
interface LocalRow {
  key: string
  row: Row
  /** The hash of the row without the engine's columns. */
  hash: string
}

/** How many rows move in one transaction. */
const CHUNK = 500
/** Errors that concern a single row. Any other error concerns the database, and ends the move. */
const ROW_ERRORS: ReadonlySet<string> = new Set(['VALIDATION_ERROR', 'OVERSIZED'])

/**
 * Moves all rows from one database into another, where they are captured as edits. A row with the same key is replaced there. Used to take the rows
 * of a signed-out user into the user's workspace.
 *
 * - Reading and writing go through the app's Dexie hooks of each database, because the app may encrypt with another key in each. Removing does
 *   not: a `deleting` hook could also delete child rows that have not moved yet, or throw and so keep rows that have moved.
 * - A row is removed from `from` only after it is stored in `to`, and only if it has not changed since. A row that another tab changed
 *   meanwhile moves in the next round.
 * - The move may be cut off between storing and removing. So `to` keeps a note of what is stored (`AdoptedState`). The next move only removes those
 *   rows; writing them again would undo edits that were made in `to` since.
 *
 * @returns how many rows moved.
 * @throws SyncError `CONFLICT` if both are the same database: moving would delete the rows. Otherwise the error of the first row that `to` refuses,
 * once all others have moved; refused rows stay in `from`.
 */
export async function moveLocalRows(from: Dexie, to: EngineDatabase, schema: SyncSchema): Promise<number> {
  // A database that waits for the session has its name only once it is open.
  await to.open()
  if (to.name === from.name) throw new SyncError('CONFLICT', `the rows of "${from.name}" cannot move into the same database; open the one of a signed-in user and workspace first`)
  const refused = new Map<string, SyncError>()
  let moved = 0
  for (const table of Object.values(schema.tables)) moved += await moveTable({ from, to, table, refused })
  await to.sync_state.delete('adopted')
  const [first] = refused.values()
  if (!first) return moved
  throw new SyncError(first.code, `${moved} local rows moved, ${refused.size} were refused and stay where they are; the first refusal: ${first.message}`, { cause: first, count: refused.size })
}

interface TableMove {
  from: Dexie
  to: EngineDatabase
  table: SyncTable
  /** The error of each refused row, by `recordKey`. */
  refused: Map<string, SyncError>
}

/** Goes through the table again and again, until a round moves nothing. @returns how many rows moved. */
async function moveTable(move: TableMove): Promise<number> {
  const { from, table: { name, primaryKey } } = move
  const local = from.table<Row>(name)
  let moved = 0
  let stored: number
  do {
    stored = 0
    for (let rows = await local.orderBy(':id').limit(CHUNK).toArray(); rows.length; rows = await local.where(':id').above(rows.at(-1)![primaryKey]).limit(CHUNK).toArray()) {
      const taken = await store(move, rows.flatMap(row => read(move, row) ?? []))
      moved += await removeUnchanged(move, taken)
      await removeNote(move, taken)
      stored += taken.length
    }
  } while (stored > 0)
  return moved
}

/** A row with its key and hash; null: it was refused. */
function read(move: TableMove, row: Row): LocalRow | null {
  try { return { key: row[move.table.primaryKey] as string, row, hash: hashOf(move.table, row) } }
  catch (error) { return refuse(move, row, error) }
}

/** Stores rows in `to`. If one of them is refused, the others are stored one by one. @returns the rows that are stored, now or by an earlier move. */
async function store(move: TableMove, rows: readonly LocalRow[]): Promise<readonly LocalRow[]> {
  try {
    await storeTogether(move, rows)
    return rows
  }
  catch (error) {
    if (rows.length === 1) refuse(move, rows[0]!.row, error)
    else if (!isAboutRow(error)) throw error
    else return await storeOneByOne(move, rows)
    return []
  }
}

async function storeOneByOne(move: TableMove, rows: readonly LocalRow[]): Promise<LocalRow[]> {
  const stored: LocalRow[] = []
  for (const row of rows) stored.push(...await store(move, [row]))
  return stored
}

async function storeTogether({ to, table: { name } }: TableMove, rows: readonly LocalRow[]): Promise<void> {
  await to.transaction('rw', [to.table(name), to.sync_state], async () => {
    const stored = await readNote(to)
    await to.table(name).bulkPut(rows.filter(({ key, hash }) => stored.get(noteKey(name, key)) !== hash).map(({ row }) => plainRow(row)))
    for (const { key, hash } of rows) stored.set(noteKey(name, key), hash)
    await to.sync_state.put({ id: 'adopted', hashes: [...stored] })
  })
}

/** Removes rows from the note: they are removed from the local database, or have changed there. */
async function removeNote({ to, table: { name } }: TableMove, rows: readonly LocalRow[]): Promise<void> {
  await to.transaction('rw', to.sync_state, async () => {
    const stored = await readNote(to)
    for (const { key } of rows) stored.delete(noteKey(name, key))
    await to.sync_state.put({ id: 'adopted', hashes: [...stored] })
  })
}

/** Names a row in the stored note. Databases hold this form: another one would make an interrupted move write its rows a second time. */
function noteKey(tableName: string, pk: string): string {
  return `${tableName}/${pk}`
}

/** The hash of each row that is stored in `to` and may not be removed from `from` yet, by `noteKey`. */
async function readNote({ sync_state }: EngineDatabase): Promise<Map<string, string>> {
  return new Map((await sync_state.get('adopted') as AdoptedState | undefined)?.hashes)
}

/** Removes rows from the local database unless they have changed since they were stored. @returns how many. */
async function removeUnchanged({ from, table }: TableMove, rows: readonly LocalRow[]): Promise<number> {
  const local = from.table<Row, string>(table.name)
  return await from.transaction('rw', local, async () => {
    const now = await local.bulkGet(rows.map(({ key }) => key))
    const same = rows.filter(({ hash }, index) => now[index] !== undefined && isSame(table, now[index], hash))
    await storedRows(from, table.name).bulkDelete(same.map(({ key }) => key))
    return same.length
  })
}

function isSame(table: SyncTable, row: Row, hash: string): boolean {
  try { return hashOf(table, row) === hash }
  catch { return false }
}

/** @throws SyncError for a row that cannot be sent as JSON. */
function hashOf(table: SyncTable, row: Row): string {
  return hashText(JSON.stringify(encodeLocalRow(table, row).payload))
}

/** Notes the error of a row. @throws an error that does not concern the row. */
function refuse({ table, refused }: TableMove, row: Row, error: unknown): null {
  if (!isAboutRow(error)) throw error
  refused.set(recordKey(table.name, String(row[table.primaryKey])), error)
  return null
}

function isAboutRow(error: unknown): error is SyncError {
  return error instanceof SyncError && ROW_ERRORS.has(error.code)
}
