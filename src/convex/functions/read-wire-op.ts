import type { Infer } from 'convex/values'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { wireLook, WireOp } from './wire'

/** One op as it came, checked by the same rules as at the gateway. */
export function readWireOp(op: WireOp | Infer<typeof wireLook>, schema: SyncSchema): PushItem {
  if ('look' in op) return { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'refused by the caller', record: op.look }
  return readOp(op.payload === undefined ? op : { ...op, payload: parse(op.payload) }, schema)
}

/** Undefined for text that is no JSON: `readOp` then refuses the payload. */
function parse(text: string): unknown {
  try { return JSON.parse(text) }
  catch { return undefined }
}
