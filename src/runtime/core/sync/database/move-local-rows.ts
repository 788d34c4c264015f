import type Dexie from 'dexie'
import { SyncError } from '../../../shared/sync/protocol/errors'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import { hashText } from '../../../shared/sync/protocol/hash-text'
import { encodeLocalRow, plainRow } from '../rows/sync-payload-normalizer'
import { recordKey } from '../records/record-key'
import type { AdoptedState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { storedRows } from '../records/stored-rows'

type Row = Record<string, unknown>

/** A row as it was read from the local database. */
interface LocalRow {
  key: string
  row: Row
  /** Of what the app wrote. */
  hash: string
}

/** How many rows move in one transaction. */
const CHUNK = 500
/** What is wrong with a row, and not with the database it goes to. */
const ROW_ERRORS: ReadonlySet<string> = new Set(['VALIDATION_ERROR', 'OVERSIZED'])

/**
 * Moves the rows of one database into another, through the other's capture. A row with the same key is replaced there.
 *
 * It reads by the app's hooks of the one and writes by those of the other, for an app may encrypt by another key there. The removal is none of
 * the app's: a `deleting` hook that takes children along would take what has not moved yet, and one that throws would keep what has.
 *
 * A row is removed here only once it is stored there, and only as long as it is what was stored: what another tab has written
 * meanwhile moves next. A move that was cut off in between is noted there: made again, it removes those rows without writing them,
 * for somebody may have edited them since.
 *
 * @returns how many rows moved.
 * @throws SyncError `CONFLICT` when both are the same database: moved rows are removed where they were. Otherwise of the first row that the other database refuses, once all others have moved. Refused rows stay here.
 */
export async function moveLocalRows(from: Dexie, to: EngineDatabase, schema: SyncSchema): Promise<number> {
  // One whose session is awaited has its name once it is open.
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
  /** By record. */
  refused: Map<string, SyncError>
}

/** Goes through the table until nothing in it can be moved any more. */
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
      await forget(move, taken)
      stored += taken.length
    }
  } while (stored > 0)
  return moved
}

function read(move: TableMove, row: Row): LocalRow | null {
  try { return { key: row[move.table.primaryKey] as string, row, hash: hashOf(move.table, row) } }
  catch (error) { return refuse(move, row, error) }
}

/** @returns the rows that are stored, now or by a move that was cut off. */
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
    await to.table(name).bulkPut(rows.filter(({ key, hash }) => stored.get(recordKey(name, key)) !== hash).map(({ row }) => plainRow(row)))
    for (const { key, hash } of rows) stored.set(recordKey(name, key), hash)
    await to.sync_state.put({ id: 'adopted', hashes: [...stored] })
  })
}

/** They are gone from the local database, or are something else by now. */
async function forget({ to, table: { name } }: TableMove, rows: readonly LocalRow[]): Promise<void> {
  await to.transaction('rw', to.sync_state, async () => {
    const stored = await readNote(to)
    for (const { key } of rows) stored.delete(recordKey(name, key))
    await to.sync_state.put({ id: 'adopted', hashes: [...stored] })
  })
}

async function readNote({ sync_state }: EngineDatabase): Promise<Map<string, string>> {
  return new Map((await sync_state.get('adopted') as AdoptedState | undefined)?.hashes)
}

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

/** @throws SyncError for a row that cannot travel. */
function hashOf(table: SyncTable, row: Row): string {
  return hashText(JSON.stringify(encodeLocalRow(table, row).payload))
}

/** @throws what is wrong with more than the row. */
function refuse({ table, refused }: TableMove, row: Row, error: unknown): null {
  if (!isAboutRow(error)) throw error
  refused.set(recordKey(table.name, String(row[table.primaryKey])), error)
  return null
}

function isAboutRow(error: unknown): error is SyncError {
  return error instanceof SyncError && ROW_ERRORS.has(error.code)
}
