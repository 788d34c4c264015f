import { describe, expect, it, vi } from 'vitest'
import { followEdits, type FollowedEdit } from '#or3-sync/core/sync/face/follow-edits'
import type { RecordWatch } from '#or3-sync/core/sync/face/record-watch'
import { decideRowState } from '#or3-sync/core/sync/face/decide-row-state'
import { SyncedWaits } from '#or3-sync/core/sync/face/synced-waits'
import type { OutboxEntry } from '#or3-sync/core/sync/queue/outbox-view'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import { LEADER_CHECK_MS } from '#or3-sync/shared/sync/protocol/limits'
import type { SyncSchema } from 'or3-sync/schema'
import { ManualClock } from '../../support/test-clock'
import { todoSchema } from '../../support/todo-schema'

interface Edit { id?: number, opId?: string, clock?: number, status?: OutboxRecord['status'], base?: number | null }

/** An edit of a record. Its HLC follows from its clock. */
function entry({ id = 1, opId = 'a', clock = 1, status = 'pending', base }: Edit): OutboxEntry {
  const failure = status === 'failed' ? { failure: { code: 'VALIDATION_ERROR' as const, message: 'no', failedAt: 0, attempts: 1 } } : {}
  const record: OutboxRecord = { id, tableName: 'todos', status, createdAt: 0, ops: [], ...failure }
  const ground = base === undefined ? {} : { base: base === null ? null : { clock: base, hlc: `${base}` } }
  return { pk: '1', op: 'put', clock, hlc: `${clock}`, opId, tableName: 'todos', record, ...ground }
}

const FOLLOWED: FollowedEdit = { clock: 2, hlc: '2', opId: 'a', recordId: 1 }

describe('what has become of the edits of a record', () => {
  it.each<[string, FollowedEdit | null, Edit[], { kind: string, opId?: string }]>([
    ['none waits', null, [], { kind: 'settled' }],
    ['the newest of those that wait counts', null, [{ clock: 1 }, { id: 2, opId: 'b', clock: 2 }], { kind: 'waits', opId: 'b' }],
    ['not an old revision that a restored store is sent again', null, [{ clock: 2 }, { id: 2, opId: 'b', clock: 1 }], { kind: 'waits', opId: 'a' }],
    ['one was refused before, and edited since', null, [{ status: 'failed' }, { id: 2, opId: 'b', clock: 2 }], { kind: 'refused', opId: 'a' }],
    ['the newest is held', null, [{ clock: 1 }, { id: 2, opId: 'b', clock: 2, status: 'held' }], { kind: 'held' }],
    ['a draft is finished', null, [{ clock: 1, status: 'held' }, { id: 2, opId: 'b', clock: 2 }], { kind: 'waits', opId: 'b' }],
    ['it waits, and so does a later one', FOLLOWED, [{ clock: 2 }, { id: 2, opId: 'b', clock: 3, base: 2 }], { kind: 'waits', opId: 'a' }],
    ['it is gone', FOLLOWED, [], { kind: 'settled' }],
    ['it has another revision, above a delete that it could not know', FOLLOWED, [{ opId: 'c', clock: 4, base: 3 }], { kind: 'waits', opId: 'c' }],
    ['it was held and is let go: it is in another outbox record', FOLLOWED, [{ id: 9, clock: 2 }], { kind: 'waits', opId: 'a' }],
    ['it is held', FOLLOWED, [{ id: 9, clock: 2, status: 'held' }], { kind: 'held' }],
    ['it is refused', FOLLOWED, [{ id: 9, clock: 2, status: 'failed' }], { kind: 'refused', opId: 'a' }],
    ['the store has it: a later one was made upon it', FOLLOWED, [{ id: 2, opId: 'b', clock: 3, base: 2 }], { kind: 'settled' }],
    ['the store has one that came after it', FOLLOWED, [{ id: 3, opId: 'c', clock: 4, base: 3 }], { kind: 'settled' }],
    ['the store has it, and a later one was refused', FOLLOWED, [{ id: 9, opId: 'b', clock: 3, status: 'failed', base: 2 }], { kind: 'settled' }],
    ['a later one has taken its place', FOLLOWED, [{ id: 2, opId: 'b', clock: 3, base: 1 }], { kind: 'waits', opId: 'b' }],
    ['a later one has taken the place of a create', FOLLOWED, [{ id: 2, opId: 'b', clock: 3, base: null }], { kind: 'waits', opId: 'b' }],
    ['a later one has taken its place, and its base is not known', FOLLOWED, [{ id: 2, opId: 'b', clock: 3 }], { kind: 'waits', opId: 'b' }],
    ['the one that has taken its place was refused', FOLLOWED, [{ id: 9, opId: 'b', clock: 3, status: 'failed', base: 1 }], { kind: 'refused', opId: 'b' }],
  ])('%s', (_, before, edits, expected) => {
    const followed = followEdits(before, edits.map(entry))
    const opId = 'edit' in followed ? { opId: followed.edit.opId } : {}
    expect({ kind: followed.kind, ...opId }).toEqual(expected)
  })
})

describe('the state of a row', () => {
  const row = { id: '1', op_id: 'a' }
  const tombstone = { tableName: 'todos', pk: '1', clock: 2, hlc: '2', op_id: 'b', deletedAt: 0 }
  it.each([
    ['failed', { edits: [{ status: 'failed' as const }, { id: 2, opId: 'b', clock: 2 }], row, isSending: true }],
    ['held', { edits: [{ status: 'held' as const }], row, isSending: true }],
    ['sending', { edits: [{ status: 'held' as const }, { id: 2, opId: 'b', clock: 2 }], row, isSending: true }],
    ['pending', { edits: [{}], row }],
    ['pending', { edits: [{}], tombstone }],
    ['pending', { edits: [{}], row, isPrivate: true }],
    ['local', { row, isPrivate: true }],
    ['local', { row, isPrivate: true, isSending: true }],
    ['synced', { row }],
    ['synced', { tombstone: { ...tombstone, syncedAt: 1 } }],
    ['absent', { tombstone }],
    ['absent', { tombstone: { ...tombstone, syncedAt: 1, isGivenUp: true as const } }],
    ['absent', {}],
  ])('is %s: %j', (name, { edits = [], isSending = false, isPrivate = false, ...stored }: { edits?: Edit[], isSending?: boolean, isPrivate?: boolean, row?: typeof row, tombstone?: typeof tombstone }) => {
    const state = decideRowState({ row: undefined, tombstone: undefined, ...stored, edits: edits.map(entry), isSending, incarnation: 0 }, isPrivate)
    expect(state.name).toBe(name)
    expect(state.error?.code).toBe(name === 'failed' ? 'VALIDATION_ERROR' : undefined)
  })
})

describe('a wait for the store', () => {
  /** `tell`: what a look has found. */
  function openWait() {
    const clock = new ManualClock()
    const [look, unwatch] = [vi.fn(), vi.fn()]
    let listener: (facts: unknown) => void = () => {}
    const watch = {
      look,
      watch: (_: unknown, callback: typeof listener) => {
        listener = callback
        return unwatch
      },
    } as unknown as RecordWatch
    const waits = new SyncedWaits({ context: { schema: todoSchema as unknown as SyncSchema, env: { clock } as never, incarnation: () => 0 }, watch, isRunning: () => true })
    const synced = waits.whenSynced('todos', '1')
    return { clock, look, unwatch, synced, tell: (edits: OutboxEntry[], incarnation = 0) => listener({ edits, incarnation }) }
  }

  it('rejects when the database is another one, where no edit waits', async () => {
    const { synced, tell } = openWait()
    tell([entry({})])
    tell([], 1)
    await expect(synced).rejects.toMatchObject({ code: 'DATABASE_REPLACED' })
  })

  it('looks again from time to time, because another tab may have stored the answer unheard', async () => {
    const { clock, look, unwatch, synced, tell } = openWait()
    tell([entry({})])
    expect(look).not.toHaveBeenCalled()
    clock.advance(LEADER_CHECK_MS)
    clock.advance(LEADER_CHECK_MS)
    expect(look).toHaveBeenCalledTimes(2)
    tell([])
    await synced
    expect(unwatch).toHaveBeenCalledOnce()
    clock.advance(LEADER_CHECK_MS)
    expect(look).toHaveBeenCalledTimes(2)
  })
})
