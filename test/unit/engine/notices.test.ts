import { expect, it } from 'vitest'
import { createSyncHooks } from 'or3-sync/client'
import type { EngineDatabase, NotificationRecord } from '#or3-sync/core/sync/records/engine-database'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { createEnvironment } from '#or3-sync/core/sync/environment/environment'
import { listenForNotices } from '#or3-sync/core/sync/face/notification-center'
import { wireOp } from '../server/support/make-op'

const scope = { workspaceId: 'w1' }

function listening(storeTime?: () => number) {
  const env = createEnvironment()
  const hooks = createSyncHooks(env.log)
  const added: NotificationRecord[] = []
  const db = { sync_notifications: { add: async (notice: NotificationRecord) => { added.push(notice) } } } as unknown as EngineDatabase
  listenForNotices({ hooks, env, db: () => db, storeTime })
  const refuse = (reason: string) => hooks.doAction('sync.error:action', { op: wireOp(), error: new Error(reason), code: 'VALIDATION_ERROR', permanent: true })
  return { hooks, added, refuse }
}

it('a rescan that failed, began again and completed leaves notices on', () => {
  const { hooks, added, refuse } = listening()
  // The first one fails, which has no hook of its own.
  hooks.doAction('sync.rescan:action:starting', { scope, reason: 'expired' })
  hooks.doAction('sync.rescan:action:starting', { scope, reason: 'expired' })
  refuse('during the rescan')
  expect(added).toEqual([])
  hooks.doAction('sync.rescan:action:completed', { scope })
  refuse('after it')
  expect(added).toMatchObject([{ type: 'system.warning', body: 'An edit in todos was refused: after it' }])
})

it.each([[0, 1], [2, 0]])('C5: the age of a conflict is judged by the store\'s clock: %s days old, %s notices', (days, notices) => {
  // Far from this device's own time.
  const now = 1.9e12
  const { hooks, added } = listening(() => now)
  const revision = { op: 'put' as const, clock: 1, hlc: formatHlc({ ms: now - days * 86_400_000, counter: 0, node: 'node00000001' }), opId: 'o' }
  hooks.doAction('sync.conflict:action:detected', { tableName: 'todos', pk: 'a', winner: 'local', local: revision, remote: revision })
  expect(added).toHaveLength(notices)
})
