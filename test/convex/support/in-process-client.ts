import { isWireErrorCode } from '#or3-sync/shared/sync/protocol/errors'
import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'
import { SERVICE_SUBJECT } from 'or3-sync/convex'
import type { ConvexDeployment } from 'or3-sync/server'
import { api } from './open-deployment'
import type { TestDeployment } from './open-deployment'

type Watcher = { workspaceId: string, onValue: (value: { latestVersion: number, epoch: string }) => void }

/** Convex without a network: calls go straight to the functions, and watchers hear of a mutation before its caller does. */
export function inProcessClient(deployment: TestDeployment): ConvexDeployment {
  const watchers = new Set<Watcher>()
  const service = deployment.withIdentity({ subject: SERVICE_SUBJECT })
  const tell = async ({ workspaceId, onValue }: Watcher) => onValue(await service.query(api.sync.watchChanges, { workspaceId }))

  return {
    canOperate: true,
    async call(name, args, caller) {
      const client = caller === 'operator' ? deployment : caller === 'service' ? service : deployment.withIdentity({ subject: caller.userId })
      try {
        if (name === 'pull' || name === 'exportPage' || name === 'watchChanges' || name === 'get' || name === 'list') return { status: 'done', value: await client.query(api.sync[name] as never, ...[args] as never) }
        const value = await client.mutation(api.sync[name] as never, ...[args] as never)
        for (const watcher of [...watchers]) await tell(watcher)
        return { status: 'done', value }
      }
      catch (error) {
        const { index, ...data } = readData((error as { data?: unknown }).data) ?? {}
        if (!isWireErrorCode(data.code)) throw error
        return { status: 'refused', code: data.code, message: data.message!, ...index !== undefined && { index: Number(index) } }
      }
    },
    watch(workspaceId, onValue) {
      const watcher = { workspaceId, onValue }
      watchers.add(watcher)
      void tell(watcher)
      return () => watchers.delete(watcher)
    },
    close: async () => watchers.clear(),
  }
}

/** convex-test hands the data of a `ConvexError` out as text. */
function readData(data: unknown): { code?: WireErrorCode, message?: string, index?: string } | undefined {
  return (typeof data === 'string' ? JSON.parse(data) : data) as ReturnType<typeof readData>
}
