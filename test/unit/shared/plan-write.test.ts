import { describe, expect, it } from 'vitest'
import { isHlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { planWrite } from '#or3-sync/shared/sync/store/plan-write'
import type { WriteInput } from '#or3-sync/shared/sync/store/plan-write'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import { storeSchema } from '../../../src/testing/contract/store-schema'
import { acceptedOp, nextOpId, NOW } from '../../../src/testing/contract/make-op'

const put = (pk: string, title = 'x'): ServerEdit => ({ tableName: 'todos', pk, opId: nextOpId(), kind: 'put', payload: { id: pk, title } })
const rowsOf = (...rows: RecordRow[]) => new Map(rows.map(row => [recordKey(row.tableName, row.pk), row]))
function stored(pk: string, title: string): RecordRow {
  const { tableName, op, stamp } = acceptedOp({ pk })
  return { tableName, pk, op, stamp, serverVersion: 1, payload: JSON.stringify({ id: pk, title }) }
}
const plan = (edits: ServerEdit[], given: Partial<WriteInput> = {}) => planWrite({ schema: storeSchema as unknown as SyncSchema, edits, version: 7, rows: new Map(), writer: null, now: NOW, ...given })

// What every store does is in the contract suite. Here is what only the limits of some stores show.
describe('planWrite', () => {
  it('makes a node for the first write of a workspace, and goes on with it', () => {
    const first = plan([put('a'), put('b')])
    if (!first.ok) throw new Error(first.message)
    expect(isHlcNode(first.writer!.node)).toBe(true)
    expect(first.writer!.hlc).toBe(first.writes[1]!.stamp.hlc)
    const second = plan([put('c')], { writer: first.writer, now: NOW - 60_000 })
    if (!second.ok) throw new Error(second.message)
    expect(second.writer!.node).toBe(first.writer!.node)
    expect(second.writer!.hlc > first.writer!.hlc).toBe(true)
  })

  it('keeps to the limits of its store: edits, bytes that are written, bytes that are replaced', () => {
    const edits = [put('a', 'x'.repeat(50)), put('b', 'x'.repeat(50))]
    expect(plan(edits, { limits: { ops: 2, bytes: 200, replacedBytes: 0 } })).toMatchObject({ ok: true, version: 9 })
    expect(plan(edits, { limits: { ops: 1 } })).toMatchObject({ ok: false, code: 'OVERSIZED', index: 1, message: expect.stringContaining('at most 1 edits') as string })
    expect(plan(edits, { limits: { bytes: 120 } })).toMatchObject({ ok: false, code: 'OVERSIZED', index: 1, message: expect.stringContaining('at most 120 bytes') as string })
    const rows = rowsOf(stored('a', 'y'.repeat(50)), stored('b', 'y'.repeat(50)))
    expect(plan(edits, { rows, limits: { replacedBytes: 120 } })).toMatchObject({ ok: false, code: 'OVERSIZED', index: 1, message: expect.stringContaining('replaces rows of at most 120 bytes') as string })
  })

  it('takes a single edit whatever its store takes together', () => {
    expect(plan([put('a', 'x'.repeat(500))], { rows: rowsOf(stored('a', 'y'.repeat(500))), limits: { bytes: 10, replacedBytes: 10 } })).toMatchObject({ ok: true })
  })

  it('stores what an update cannot bring into today\'s shape only if it is valid', () => {
    const broken = { ...storeSchema, tables: { ...storeSchema.tables, labels: { ...storeSchema.tables.labels, upgradeRow: () => { throw new Error('no idea') } } } } as unknown as SyncSchema
    const label: RecordRow = { ...stored('l', ''), tableName: 'tags', payload: '{"id":"l","name":"old","color":"red"}' }
    const edit: ServerEdit = { tableName: 'tags', pk: 'l', opId: nextOpId(), kind: 'update', payload: { id: 'l', name: 'new' } }
    expect(plan([edit], { schema: broken, rows: rowsOf(label) })).toMatchObject({ ok: false, code: 'VALIDATION_ERROR', message: expect.stringContaining('no idea') as string })
  })
})
