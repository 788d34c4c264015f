import { OVERWROTE_REPLY_TEXT, REQUEST_MAX_BYTES, REQUEST_MAX_OPS } from '#or3-sync/shared/sync/protocol/limits'
import type { PushLimits } from '#or3-sync/shared/sync/protocol/types'
import type { SyncBackend } from '../backends/backend'

/** The limits of a store that names none. A store cannot raise them, because the gateway itself takes no more. */
const DEFAULTS: PushLimits = { ops: REQUEST_MAX_OPS, bytes: REQUEST_MAX_BYTES, replacedBytes: OVERWROTE_REPLY_TEXT }

/** What one push to a store may hold: its own limits, at least 1 and at most the gateway's. */
export function pushLimits({ limits = {} }: Pick<SyncBackend, 'limits'>): PushLimits {
  const limit = (name: keyof PushLimits) => Math.min(DEFAULTS[name], Math.max(1, Math.floor(limits[name] ?? DEFAULTS[name]) || 1))
  return { ops: limit('ops'), bytes: limit('bytes'), replacedBytes: limit('replacedBytes') }
}
