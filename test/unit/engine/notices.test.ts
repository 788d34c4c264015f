import { expect, it } from 'vitest'
import { createSyncHooks } from 'or3-sync/client'
import type { EngineDatabase, NotificationRecord } from '#or3-sync/core/sync/database/sync-database'
import { createEnvironment } from '#or3-sync/core/sync/environment'
import { listenForNotices } from '#or3-sync/core/sync/notifications/notification-center'
import { wireOp } from '../server/support/make-op'

const scope = { workspaceId: 'w1' }

function listening() {
  const env = createEnvironment()
  const hooks = createSyncHooks(env.log)
  const added: NotificationRecord[] = []
  const db = { sync_notifications: { add: async (notice: NotificationRecord) => { added.push(notice) } } } as unknown as EngineDatabase
  listenForNotices({ hooks, env, db: () => db })
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
