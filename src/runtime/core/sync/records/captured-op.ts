import type { WirePayload } from '../../../shared/sync/protocol/types'
import type { OutboxOp } from './engine-records'

/** A local edit, as the rest of the engine gets it once its transaction has committed. */
export interface CapturedOp {
  /** As the outbox stores it. */
  edit: OutboxOp
  tableName: string
  /** Epoch milliseconds. */
  createdAt: number
  /** The id of the outbox record that it is stored in. */
  recordId?: number
  /** See `OutboxRecord.group`. */
  group?: string
  /** Kept back by the table's `capture`. */
  held: boolean
  /** The payload of a put. It was encoded at the write, so later changes to the app's object do not reach it. */
  payload?: WirePayload
  /** About how much memory the payload takes, in bytes. */
  size: number
}
