import { z } from 'zod'
import { encodeRow } from '#or3-sync/shared/sync/rows/encode-row'
import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncBackend } from '../../../../server/lib/backends/backend'
import { findRows } from '../../../../server/lib/service/find-rows'
import { INDEXES } from '../../../support/random-plans'
import { acceptedOp, NOW } from '../support/make-op'

const any = z.unknown().optional()
const row = z.object({ id: z.string(), a: any, b: any, c: any, meta: any, tags: any }).loose()

/** Three tables with the same fields and indexes: as they are, with other names on the wire, and with an upgrade of rows. */
export const schema = defineSyncSchema({
  version: 2,
  tables: {
    plain: { schema: row, primaryKey: 'id', indexes: [...INDEXES] },
    renamed: { schema: row, primaryKey: 'id', indexes: [...INDEXES], fields: { id: 'key', a: 'wire_a', meta: 'b', b: 'meta' }, wireName: 'renamed_before' },
    upgraded: { schema: row, primaryKey: 'id', indexes: [...INDEXES], upgradeRow: ({ old_a, ...row }) => old_a === undefined ? row : { ...row, a: old_a } },
  },
})

export const ALL: QueryPlan = { table: 'plain', index: null, range: null, isReversed: false, offset: 0, limit: null, result: 'rows' }

/** Pushes rows as a device would. @returns the rows as a device has them */
export async function pushRows(backend: SyncBackend, workspaceId: string, table: SyncTable, rows: readonly Record<string, unknown>[]): Promise<Record<string, unknown>[]> {
  const stored = rows.map((row) => {
    const encoded = encodeRow(row, { names: table })
    const op = acceptedOp({ table: table.wireName, pk: String(row[table.primaryKey]), payload: encoded.payload })
    return { op, row: { ...encoded.row, clock: op.stamp.clock, hlc: op.stamp.hlc, op_id: op.stamp.opId } }
  })
  for (let from = 0; from < stored.length; from += 1_000) await backend.push({ workspaceId, userId: 'ada', items: stored.slice(from, from + 1_000).map(({ op }) => op), now: NOW })
  return stored.map(({ row }) => row)
}

export async function find(backend: SyncBackend, workspaceId: string, plan: Partial<QueryPlan>, given: SyncSchema = schema): Promise<PageAnswer> {
  return await findRows({ backend, schema: given }, { workspaceId, userId: 'ada', plan: { ...ALL, ...plan } })
}

/** The rows of an answer, by their keys. */
export async function keysFound(...args: Parameters<typeof find>): Promise<unknown[]> {
  return ((await find(...args)).value as Record<string, unknown>[]).map(({ id }) => id)
}
