import type { SyncTable } from '../schema/sync-schema'
import type { WirePayload } from '../protocol/types'
import { decodePayload } from './decode-payload'

/**
 * Checks the payload of a put against its table's schema, after decoding it to a local row.
 *
 * @returns what is wrong, naming the field, or null.
 */
export function validatePayload(table: SyncTable, pk: string, payload: WirePayload): string | null {
  return checkKey(table, pk, payload) ?? validateRow(table, toLocalRow(table, payload))
}

/** @returns what is wrong with a payload's primary key, or null. */
export function checkKey(table: SyncTable, pk: string, payload: WirePayload): string | null {
  const key = payload[table.wirePrimaryKey]
  return key === pk ? null : `payload.${table.wirePrimaryKey}: must equal the op's pk "${pk}", not ${JSON.stringify(key) ?? 'undefined'}`
}

/** A payload as a local row: local names, decoded values, no engine columns. */
export function toLocalRow(table: SyncTable, payload: WirePayload): Record<string, unknown> {
  return decodePayload(payload, table)
}

/** @returns the first issue that the schema reports, or null. `row` must not have the engine's columns. */
export function validateRow(table: SyncTable, row: Record<string, unknown>): string | null {
  try {
    const result = table.schema['~standard'].validate(row)
    if (result instanceof Promise) return `table "${table.name}": the schema is asynchronous; use synchronous checks only`
    const issue = result.issues?.[0]
    if (!issue) return null
    const path = issue.path?.map(part => String(typeof part === 'object' ? part.key : part)).join('.')
    return path ? `payload.${path}: ${issue.message}` : `payload: ${issue.message}`
  }
  catch (error) {
    return `payload: the schema of "${table.name}" threw: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The field that a problem found here names: `tags.0` in `payload.tags.0: …`. Undefined: it is not about one field. */
export function problemField(problem: string): string | undefined {
  return /^payload\.(.+?): /.exec(problem)?.[1]
}
