import type { Revision } from '../protocol/revision'
import type { WireErrorCode } from '../protocol/types'
import type { PlanInput } from './plan-push'
import type { PushMemory } from './push-memory'
import type { RecordRow } from './record-row'

/** The answer to one op: a `PushOpResult` whose `winner`, `overwrote` and `current` are still rows of the store, not yet in wire form. */
export interface FoldedResult {
  opId: string | null
  success: boolean
  applied?: boolean
  replayed?: boolean
  serverVersion?: number
  errorCode?: WireErrorCode
  error?: string
  winner?: RecordRow
  overwrote?: RecordRow
  overwroteEarlier?: RecordRow[]
  current?: RecordRow
}

export interface FoldInput extends PlanInput {
  rows: ReadonlyMap<string, RecordRow>
}

export type FoldOutput =
  | {
    status: 'folded'
    version: number
    results: FoldedResult[]
    /** The final row of each record that changed, in the order of versions. */
    writes: RecordRow[]
    /** For each of `writes`, the revision of the row that it replaces. Null: there was no row, or it was deleted. */
    previous: (Revision | null)[]
    /** The memories to store, by HLC node. A writer whose memory does not change is absent. */
    remembered: Map<string, PushMemory>
    /** How many ops were newly applied. Repeats do not count. */
    applied: number
  }
  /** The revisions that the batch replaces do not fit into one reply, and may not be left out of it. Nothing is written: send fewer ops. */
  | { status: 'too-large' }
