import { encodeRow } from '../rows/encode-row'
import { findTooDeep, nestedTooDeep } from '../rows/find-too-deep'
import type { PushItem, RejectedOp } from './push-item'
import { isHlc, isHlcNode } from '../protocol/hlc'
import { blockedKvProblem } from '../schema/kv-blocklist'
import { UNHEARD_MAX_NODES } from '../protocol/limits'
import { primaryKeyError } from '../protocol/primary-key'
import { isClock, MAX_CLOCK } from '../protocol/revision'
import { sanitizePayload } from '../rows/sanitize-payload'
import { stampProblem } from '../protocol/stamp-problem'
import { sameJson } from '../rows/same-json'
import type { SyncSchema, SyncTable } from '../schema/sync-schema'
import type { BaseRevision, ChangeStamp, JsonValue, WireErrorCode, WirePayload } from '../protocol/types'
import { utf8Length } from '../protocol/utf8-length'
import { upgradedOrSame, upgradeRow } from '../rows/upgrade-row'
import { upgradedProblem } from '../protocol/upgraded-stamp'
import { checkKey, toLocalRow, validatePayload, validateRow } from '../rows/validate-payload'
import { tablesOnWire } from '../schema/wire-names'

const OP_ID_MAX_ECHO = 64
const ERROR_MAX_LENGTH = 500

type Fields = Record<string, unknown>
type Problem = { errorCode: WireErrorCode, error: string }

/**
 * Checks one op of a push. Each is checked on its own, so that a bad op does not fail the others of its batch.
 * Errors name the field that is wrong and say what would be right.
 */
export function readOp(raw: unknown, schema: SyncSchema): PushItem {
  if (!isObject(raw)) return { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'op: must be an object' }
  const opId = readOpId(raw)
  const { tableName, operation, pk } = raw
  const table = typeof tableName === 'string' ? tablesOnWire(schema).get(tableName) : undefined
  if (!table) return rejected(opId, invalid(`tableName: unknown table ${clip(tableName)}`))
  const pkProblem = primaryKeyError(pk)
  if (pkProblem) return rejected(opId, invalid(`pk: ${pkProblem}`))
  const record = { tableName: table.wireName, pk: pk as string }
  if (operation !== 'put' && operation !== 'delete') return rejected(opId, invalid('operation: must be "put" or "delete"'), record)

  const stamp = readStamp(raw.stamp)
  if (typeof stamp === 'string') return rejected(opId, invalid(stamp), record)
  const baseProblem = checkBase(raw.base) ?? checkUnheard(raw.unheard)
  if (baseProblem) return rejected(opId, invalid(baseProblem), record)
  const base = raw.base as BaseRevision | null | undefined
  const op: PushItem = { kind: 'op', ...record, op: operation, payload: null, stamp }
  if (base !== undefined) op.base = base === null ? null : { clock: base.clock, hlc: base.hlc }
  const unheard = raw.unheard as readonly string[] | undefined
  if (unheard?.length) op.unheard = [...unheard]
  // A delete has no payload. If one was sent with it, it is ignored.
  if (operation === 'delete') return op

  const payload = readPayload(raw.payload, table, record.pk)
  if (typeof payload !== 'string') return rejected(opId, payload, record)
  op.payload = payload
  if (table.upgradeRow) op.isSameContent = stored => isSameUpgraded(table, payload, stored)
  return op
}

function readOpId(raw: Fields): string | null {
  const opId = isObject(raw.stamp) ? raw.stamp.opId : undefined
  return typeof opId === 'string' && opId.length <= OP_ID_MAX_ECHO ? opId : null
}

/** @returns the stamp without unknown fields, or what is wrong with it, as text. */
function readStamp(raw: unknown): ChangeStamp | string {
  if (!isObject(raw)) return 'stamp: must be an object { deviceId, opId, hlc, clock }'
  const { deviceId, opId, hlc, clock } = raw
  const deviceProblem = primaryKeyError(deviceId)
  if (deviceProblem) return `stamp.deviceId: ${deviceProblem.replace('a primary key', 'a device id')}`
  const problem = stampProblem({ opId, hlc, clock })
  if (problem) return problem
  const stamp: ChangeStamp = { deviceId: deviceId as string, opId: opId as string, hlc: hlc as string, clock: clock as number }
  return upgradedProblem(stamp) ?? stamp
}

function checkBase(base: unknown): string | null {
  if (base === undefined || base === null) return null
  if (!isObject(base)) return 'base: must be null or an object { clock, hlc }'
  if (!isClock(base.clock)) return `base.clock: must be an integer from 1 to ${MAX_CLOCK}`
  if (!isHlc(base.hlc)) return 'base.hlc: must be an HLC'
  return null
}

function checkUnheard(unheard: unknown): string | null {
  if (unheard === undefined) return null
  if (!Array.isArray(unheard)) return 'unheard: must be a list of HLC nodes'
  if (unheard.length > UNHEARD_MAX_NODES) return `unheard: has at most ${UNHEARD_MAX_NODES} HLC nodes, not ${unheard.length}`
  return unheard.every(isHlcNode) ? null : 'unheard: an HLC node is 8 to 16 characters of a-z0-9'
}

/** @returns the JSON text to store, or what is wrong. */
function readPayload(raw: unknown, table: SyncTable, pk: string): string | Problem {
  if (!isObject(raw)) return invalid('payload: a put must carry an object')
  // Must be the first check: the others are recursive, and a deeply nested payload could exhaust the stack.
  const tooDeep = findTooDeep(raw as WirePayload)
  if (tooDeep !== null) return invalid(`payload: ${nestedTooDeep(tooDeep)}`)
  if (holdsHugeNumber(raw as WirePayload)) return invalid('payload: holds a number that is too large')
  const payload = sanitizePayload(raw as WirePayload)
  const text = JSON.stringify(payload)
  const bytes = utf8Length(text)
  if (bytes > table.maxBytes) return { errorCode: 'OVERSIZED', error: `payload: ${bytes} bytes of JSON; table "${table.name}" takes at most ${table.maxBytes}` }
  const problem = (table.upgradeRow ? checkUpgraded(table, pk, payload) : validatePayload(table, pk, payload)) ?? blockedKvProblem(table, payload)
  return problem ? invalid(problem) : text
}

/** Checks the row that `upgradeRow` makes of a payload: the device may have an older version of the app. The payload is stored as it was sent. */
function checkUpgraded(table: SyncTable, pk: string, payload: WirePayload): string | null {
  const keyProblem = checkKey(table, pk, payload)
  if (keyProblem) return keyProblem
  const upgraded = upgradeRow(table, toLocalRow(table, payload))
  return upgraded.ok ? validateRow(table, upgraded.row) : `payload: ${upgraded.error}`
}

/** Whether two payloads of a table are the same row after `upgradeRow`, even if different versions of the app wrote them. */
function isSameUpgraded(table: SyncTable, a: string, b: string): boolean {
  const [rowA, rowB] = [a, b].map(text => upgradedOrSame(table, toLocalRow(table, JSON.parse(text) as WirePayload)))
  return sameJson(encodeRow(rowA!).payload, encodeRow(rowB!).payload)
}

/** `JSON.parse` reads a number that is too large for a double as Infinity, and `JSON.stringify` would write that as null. */
function holdsHugeNumber(value: JsonValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (value === null || typeof value !== 'object') return false
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsHugeNumber)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(error: string): Problem {
  return { errorCode: 'VALIDATION_ERROR', error }
}

function clip(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 64)}"` : `(${value === null ? 'null' : typeof value})`
}

function rejected(opId: string | null, problem: Problem, record?: RejectedOp['record']): RejectedOp {
  return { kind: 'rejected', opId, errorCode: problem.errorCode, error: problem.error.slice(0, ERROR_MAX_LENGTH), ...record && { record } }
}
