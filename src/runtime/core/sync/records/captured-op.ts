import type { WirePayload } from '../../../shared/sync/protocol/types'
import type { OutboxOp } from './engine-records'

/** A local edit as the rest of the engine hears of it once its transaction has committed. */
export interface CapturedOp extends OutboxOp {
  tableName: string
  createdAt: number
  /** Key of the outbox record that holds it. */
  recordId?: number
  held: boolean
  /** A put's payload, encoded when it was written: nobody can change it since. */
  payload?: WirePayload
  /** About how much memory the payload takes, in bytes. */
  size: number
}
