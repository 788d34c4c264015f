import { createSyncHooks } from '#or3-sync/core/sync/context/sync-hooks'
import { filterEvents, Timeline, TIMELINE_SIZE } from '#or3-sync/inspector/record/timeline'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { PendingOp } from 'or3-sync/client'
import { describe, expect, it } from 'vitest'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const SCOPE = { workspaceId: 'w' }
const OP = { id: 'o', tableName: 'todos', operation: 'put', pk: 'a', payload: { id: 'a', secret: 'hidden' }, stamp: { deviceId: 'd', opId: 'o', hlc: 'h', clock: 3 }, createdAt: 0, attempts: 1, status: 'pending' } as PendingOp

function recording() {
  let now = 1_000
  const timeline = new Timeline(() => now)
  const hooks = createSyncHooks(SILENT)
  const stop = timeline.follow(hooks)
  return { timeline, hooks, stop, at: (time: number) => { now = time } }
}

describe('the timeline', () => {
  it('records what the engine reports, with table and key, and without any row', () => {
    const { timeline, hooks } = recording()
    hooks.doAction('sync.op:action:captured', { op: OP })
    hooks.doAction('sync.error:action', { op: OP, error: new SyncError('VALIDATION_ERROR', 'payload.title: too short'), code: 'VALIDATION_ERROR', permanent: true })
    expect(timeline.list()).toEqual([
      { id: 1, at: 1_000, name: 'sync.op:action:captured', tableName: 'todos', pk: 'a', words: 'put captured, clock 3' },
      { id: 2, at: 1_000, name: 'sync.error:action', tableName: 'todos', pk: 'a', words: 'refused (VALIDATION_ERROR): payload.title: too short', isProblem: true },
    ])
    expect(JSON.stringify(timeline.list())).not.toContain('hidden')
  })

  it('keeps the last 500 and drops the oldest', () => {
    const { timeline } = recording()
    for (let count = 1; count <= TIMELINE_SIZE + 7; count++) timeline.add('sync.push:action:before', { scope: SCOPE, count })
    expect(timeline.list()).toHaveLength(TIMELINE_SIZE)
    expect(timeline.list()[0]).toMatchObject({ id: 8, words: 'sending 8 edits' })
    expect(timeline.list().at(-1)).toMatchObject({ id: TIMELINE_SIZE + 7 })
  })

  it('hears nothing more once it was told to stop, and can be emptied', () => {
    const { timeline, hooks, stop } = recording()
    hooks.doAction('sync.rescan:action:completed', { scope: SCOPE })
    stop()
    hooks.doAction('sync.rescan:action:completed', { scope: SCOPE })
    expect(timeline.list()).toHaveLength(1)
    timeline.clear()
    expect(timeline.list()).toEqual([])
  })

  it('knows the next try until it is due, or a push has gone through', () => {
    const { timeline, at } = recording()
    timeline.add('sync.retry:action', { op: OP, attempt: 2, nextAttemptAt: 5_000 })
    expect(timeline.nextRetryAt).toBe(5_000)
    timeline.add('sync.push:action:after', { scope: SCOPE, successCount: 0, failCount: 1 })
    expect(timeline.nextRetryAt).toBe(5_000)
    at(5_001)
    expect(timeline.nextRetryAt).toBeNull()
    timeline.add('sync.retry:action', { op: OP, attempt: 3, nextAttemptAt: 9_000 })
    timeline.add('sync.push:action:after', { scope: SCOPE, successCount: 1, failCount: 0 })
    expect(timeline.nextRetryAt).toBeNull()
  })

  it('keeps the reasons of rescans, also when their events were dropped', () => {
    const { timeline } = recording()
    timeline.add('sync.rescan:action:starting', { scope: SCOPE, reason: 'epoch' })
    timeline.clear()
    expect(timeline.rescans).toEqual([{ at: 1_000, reason: 'epoch' }])
  })
})

describe('its filter', () => {
  const { timeline } = recording()
  timeline.add('sync.op:action:captured', { op: OP })
  timeline.add('sync.pull:action:received', { scope: SCOPE, changeCount: 2 })
  timeline.add('sync.pull:action:error', { scope: SCOPE, error: new Error('The server is away') })
  const names = (text: string, onlyProblems = false) => filterEvents(timeline.list(), { text, onlyProblems }).map(({ name }) => name)

  it('shows the newest first', () => {
    expect(names('')).toEqual(['sync.pull:action:error', 'sync.pull:action:received', 'sync.op:action:captured'])
  })

  it('finds names, words, tables and keys, in any case', () => {
    expect(names('PULL:')).toEqual(['sync.pull:action:error', 'sync.pull:action:received'])
    expect(names('server is AWAY')).toEqual(['sync.pull:action:error'])
    expect(names('todos')).toEqual(['sync.op:action:captured'])
    expect(names('nothing')).toEqual([])
  })

  it('leaves only problems', () => {
    expect(names('', true)).toEqual(['sync.pull:action:error'])
  })
})
