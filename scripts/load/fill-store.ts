import { randomBytes, randomUUID } from 'node:crypto'
import type { PushItem, SyncBackend } from 'or3-sync/server'
import type { FillOrder } from './server-order.ts'

const BATCH = 1_000

/** Writes this many records directly into the store, past the gateway. */
export async function fillStore(backend: SyncBackend, { workspace, records, length }: FillOrder): Promise<void> {
  for (let from = 0; from < records; from += BATCH) {
    const items = Array.from({ length: Math.min(BATCH, records - from) }, (_, index): PushItem => {
      const pk = `filled-${from + index}`
      const stamp = { deviceId: 'filler', opId: randomUUID(), hlc: '0mgh00000:0000:filler00', clock: 1 }
      const payload = length > 0 ? JSON.stringify({ id: pk, text: randomBytes(Math.ceil(length / 2)).toString('hex'), sentAt: 0 }) : null
      return { kind: 'op', tableName: 'posts', pk, op: payload === null ? 'delete' : 'put', payload, stamp, base: null }
    })
    await backend.push({ workspaceId: workspace, userId: `${workspace}.filler`, items, now: Date.now() })
  }
}
