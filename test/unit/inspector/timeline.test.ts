import { EventLog } from '#or3-sync/app/diagnosis/event-log'
import { TIMELINE_SIZE } from '#or3-sync/app/timeline-size'
import { createSyncHooks } from '#or3-sync/core/sync/context/sync-hooks'
import { describeEvents, filterEvents } from '#or3-sync/inspector/record/timeline'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { PendingOp } from 'or3-sync/client'
import { describe, expect, it } from 'vitest'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const SCOPE = { workspaceId: 'w' }
const OP = { id: 'o', tableName: 'todos', operation: 'put', pk: 'a', payload: { id: 'a', secret: 'hidden' }, stamp: { deviceId: 'd', opId: 'o', hlc: 'h', clock: 3 }, createdAt: 0, attempts: 1, status: 'pending' } as PendingOp

function recording() {
  let now = 1_000
  const hooks = createSyncHooks(SILENT)
  const log = new EventLog(hooks, { length: TIMELINE_SIZE, isDetailed: true, now: () => now })
  return { log, hooks, list: () => describeEvents(log.events), at: (time: number) => { now = time } }
}

describe('the timeline', () => {
  it('records what the engine reports, with table and key, and without any row', () => {
    const { log, hooks, list } = recording()
    hooks.doAction('sync.op:action:captured', { op: OP })
    hooks.doAction('sync.error:action', { op: OP, error: new SyncError('VALIDATION_ERROR', 'payload.title: too short'), code: 'VALIDATION_ERROR', permanent: true })
    expect(list()).toEqual([
      { id: 1, at: 1_000, name: 'sync.op:action:captured', tableName: 'todos', pk: 'a', words: 'put captured, clock 3' },
      { id: 2, at: 1_000, name: 'sync.error:action', tableName: 'todos', pk: 'a', words: 'refused (VALIDATION_ERROR): payload.title: too short', isProblem: true },
    ])
    expect(JSON.stringify(log.events)).not.toContain('hidden')
  })

  it('keeps the last 500 and drops the oldest', () => {
    const { hooks, list } = recording()
    for (let count = 1; count <= TIMELINE_SIZE + 7; count++) hooks.doAction('sync.push:action:before', { scope: SCOPE, count })
    expect(list()).toHaveLength(TIMELINE_SIZE)
    expect(list()[0]).toMatchObject({ id: 8, words: 'sending 8 edits' })
    expect(list().at(-1)).toMatchObject({ id: TIMELINE_SIZE + 7 })
  })

  it('can be emptied', () => {
    const { log, hooks, list } = recording()
    hooks.doAction('sync.rescan:action:completed', { scope: SCOPE })
    expect(list()).toHaveLength(1)
    log.clear()
    expect(list()).toEqual([])
  })

  it('knows the next try until it is due, or a push has gone through', () => {
    const { hooks, log, at } = recording()
    hooks.doAction('sync.retry:action', { op: OP, attempt: 2, nextAttemptAt: 5_000 })
    expect(log.nextRetryAt).toBe(5_000)
    hooks.doAction('sync.push:action:after', { scope: SCOPE, successCount: 0, failCount: 1 })
    expect(log.nextRetryAt).toBe(5_000)
    at(5_001)
    expect(log.nextRetryAt).toBeNull()
    hooks.doAction('sync.retry:action', { op: OP, attempt: 3, nextAttemptAt: 9_000 })
    hooks.doAction('sync.push:action:after', { scope: SCOPE, successCount: 1, failCount: 0 })
    expect(log.nextRetryAt).toBeNull()
  })

  it('keeps the reasons of rescans, also when their events were dropped', () => {
    const { hooks, log } = recording()
    hooks.doAction('sync.rescan:action:starting', { scope: SCOPE, reason: 'epoch' })
    log.clear()
    expect(log.rescans).toEqual([{ at: 1_000, reason: 'epoch' }])
  })
})

describe('its filter', () => {
  const { hooks, list } = recording()
  hooks.doAction('sync.op:action:captured', { op: OP })
  hooks.doAction('sync.pull:action:received', { scope: SCOPE, changeCount: 2 })
  hooks.doAction('sync.pull:action:error', { scope: SCOPE, error: new Error('The server is away') })
  const names = (text: string, onlyProblems = false) => filterEvents(list(), { text, onlyProblems }).map(({ name }) => name)

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
