import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import { isHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { isClock } from '#or3-sync/shared/sync/protocol/revision'
import type { BaseRevision, WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { encodeRow } from '#or3-sync/shared/sync/rows/encode-row'
import { nearestName } from '#or3-sync/shared/sync/schema/nearest-name'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { tablesOnWire } from '#or3-sync/shared/sync/schema/wire-names'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import { findTable, invalid, SHOWN_LENGTH, typeName } from './find-table'

const KINDS = ['put', 'update', 'delete'] as const
const KEYS = ['table', ...KINDS, 'expect']

type Fields = Record<string, unknown>
type Kind = typeof KINDS[number]

/** An edit that is being read. */
interface Place {
  index: number
  table: SyncTable
  kind: Kind
}

/**
 * The edits of a `write` in the form that stores take. Whether their rows fit the schema is checked later, when the stored rows are known.
 *
 * @throws SyncError `VALIDATION_ERROR` or `OVERSIZED`, which names the edit and says what would be right
 */
export function readEdits(edits: readonly unknown[], schema: SyncSchema): ServerEdit[] {
  // A copy, because `map` skips the holes of a list.
  const read = Array.from(edits, (edit, index) => readInForm(edit, index, schema))
  const first = new Map<string, number>()
  for (const [index, { tableName, pk }] of read.entries()) {
    const key = recordKey(tableName, pk)
    const earlier = first.get(key)
    const table = tablesOnWire(schema).get(tableName)!.name
    if (earlier !== undefined) throw invalid(`edits[${index}]: edits[${earlier}] names the record ${table} "${pk}" as well; a write may name each record once`, { index, table, pk })
    first.set(key, index)
  }
  return read
}

/** Getters and proxies of the app may throw anything. */
function readInForm(edit: unknown, index: number, schema: SyncSchema): ServerEdit {
  try { return readEdit(edit, index, schema) }
  catch (error) {
    if (error instanceof SyncError) throw error
    throw new SyncError('VALIDATION_ERROR', `edits[${index}]: cannot be read: ${error instanceof Error ? error.message : String(error)}`, { index, cause: error })
  }
}

function readEdit(edit: unknown, index: number, schema: SyncSchema): ServerEdit {
  if (!isObject(edit)) throw invalid(`edits[${index}]: must be an object { table, put | update | delete, expect? }, not ${typeName(edit)}`, { index })
  for (const key of Object.keys(edit)) {
    if (KEYS.includes(key)) continue
    const nearest = nearestName(key, KEYS)
    throw invalid(`edits[${index}]: unknown key "${key.slice(0, SHOWN_LENGTH)}"; ${nearest ? `did you mean "${nearest}"?` : `the keys are ${KEYS.join(', ')}`}`, { index })
  }
  const table = findTableOf(edit, index, schema)
  const kinds = KINDS.filter(kind => edit[kind] !== undefined)
  if (kinds.length !== 1) throw invalid(`edits[${index}]: needs one of put, update and delete, not ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`, { index, table: table.name })
  const place: Place = { index, table, kind: kinds[0]! }
  const written = place.kind === 'delete' ? { pk: readKey(place, edit.delete) } : readRow(place, edit[place.kind])
  const read: ServerEdit = { tableName: table.wireName, opId: crypto.randomUUID(), kind: place.kind, ...written }
  const expect = readExpect(place, read.pk, edit.expect)
  return expect === undefined ? read : { ...read, expect }
}

function findTableOf(edit: Fields, index: number, schema: SyncSchema): SyncTable {
  try { return findTable(schema, edit.table, `edits[${index}].`) }
  catch (error) { throw invalid((error as Error).message, { index, ...typeof edit.table === 'string' && { table: edit.table } }) }
}

function readRow(place: Place, row: unknown): Pick<ServerEdit, 'pk' | 'payload' | 'removed'> {
  const { table, kind } = place
  if (!isObject(row)) throw refused(place, `must be a row of the table, as an object, not ${typeName(row)}`)
  const payload = encode(place, row)
  const pk = readKey(place, payload[table.wirePrimaryKey])
  if (kind === 'put') return { pk, payload }
  const removed = Object.keys(row).filter(key => row[key] === undefined).map(key => table.toWireName.get(key) ?? key).filter(key => !Object.hasOwn(payload, key))
  return removed.length > 0 ? { pk, payload, removed } : { pk, payload }
}

function encode(place: Place, row: Fields): WirePayload {
  try { return encodeRow(row, { names: place.table }).payload }
  catch (error) {
    if (!(error instanceof SyncError)) throw error
    const field = Object.keys(row).find(key => !canBeEncoded(row, key))
    const { code, message } = error
    throw new SyncError(code, `${describe(place)}: ${message}`, { index: place.index, table: place.table.name, field, cause: error })
  }
}

function canBeEncoded(row: Fields, field: string): boolean {
  try { return Boolean(encodeRow({ [field]: row[field] })) }
  catch { return false }
}

function readKey(place: Place, pk: unknown): string {
  const { table, kind } = place
  if (pk === undefined && kind !== 'delete') throw refused(place, `must have the table's primary key "${table.primaryKey}"`, { field: table.primaryKey })
  const problem = primaryKeyError(pk)
  if (problem) throw refused(place, kind === 'delete' ? problem : `field "${table.primaryKey}": ${problem}`, { field: table.primaryKey })
  return pk as string
}

/** Takes a row that was read as well: only its revision counts. */
function readExpect(place: Place, pk: string, expect: unknown): BaseRevision | null | undefined {
  if (expect === undefined || expect === null) return expect
  if (isObject(expect) && isClock(expect.clock) && isHlc(expect.hlc)) return { clock: expect.clock, hlc: expect.hlc }
  throw refused(place, 'expect must be null or a revision { clock, hlc }, as a row has it that was read', { pk, field: 'expect' })
}

function refused(place: Place, problem: string, details: { pk?: string, field?: string } = {}): SyncError {
  return invalid(`${describe(place)}: ${problem}`, { index: place.index, table: place.table.name, ...details })
}

function describe({ index, kind, table }: Place): string {
  return `edits[${index}], ${kind} of ${table.name}`
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
