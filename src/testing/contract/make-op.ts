import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { BaseRevision, JsonValue, PendingOp, WirePayload } from '#or3-sync/shared/sync/protocol/types'

/** The time, in epoch milliseconds, at which all tests take place. */
export const NOW = 1_760_000_000_000

export interface OpOptions {
  table?: string
  pk?: string
  op?: 'put' | 'delete'
  payload?: WirePayload
  device?: string
  /** HLC node. Default: derived from the device id. */
  node?: string
  clock?: number
  /** The HLC's time, in milliseconds after NOW. */
  at?: number
  opId?: string
  base?: BaseRevision | null
  unheard?: string[]
}

let lastId = 0

/** Returns a new lower-case UUID at each call. */
export function nextOpId(): string {
  return `00000000-0000-4000-8000-${(++lastId).toString(16).padStart(12, '0')}`
}

/** The HLC node of a device that has one tab: `device10` for `device-1`. */
export function nodeOf(device: string): string {
  return device.toLowerCase().replace(/[^0-9a-z]/g, '').padEnd(8, '0').slice(0, 16)
}

/** An op as a device sends it. The default row is `{ id, title }`. */
export function wireOp(options: OpOptions = {}): PendingOp {
  const { table = 'todos', pk = 'a', op = 'put', device = 'device-1', clock = 1, at = 0 } = options
  const wire: PendingOp = {
    id: `local-${pk}`,
    tableName: table,
    operation: op,
    pk,
    stamp: { deviceId: device, opId: options.opId ?? nextOpId(), hlc: formatHlc({ ms: NOW + at, counter: 0, node: options.node ?? nodeOf(device) }), clock },
    createdAt: NOW,
    attempts: 0,
    status: 'pending',
  }
  if (op === 'put') wire.payload = options.payload ?? { id: pk, title: `title of ${pk} at ${clock}` }
  if (options.base !== undefined) wire.base = options.base
  if (options.unheard) wire.unheard = options.unheard
  return wire
}

/** The same op after validation. */
export function acceptedOp(options: OpOptions = {}): AcceptedOp {
  const { tableName, pk, operation, payload, stamp, base, unheard } = wireOp(options)
  const op: AcceptedOp = { kind: 'op', tableName, pk, op: operation, payload: payload ? JSON.stringify(payload as JsonValue) : null, stamp }
  if (base !== undefined) op.base = base
  if (unheard) op.unheard = unheard
  return op
}
