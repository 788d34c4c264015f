import { isHlc } from './hlc'
import { isClock, MAX_CLOCK } from './revision'

const OP_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** @returns what is wrong with the revision of a stamp, naming the field and what would be right, or null. */
export function stampProblem({ opId, hlc, clock }: { opId?: unknown, hlc?: unknown, clock?: unknown }): string | null {
  if (typeof opId !== 'string' || !OP_ID.test(opId)) return 'stamp.opId: must be a lower-case UUID'
  if (!isHlc(hlc)) return 'stamp.hlc: must be <ms, 9 digits base 36>:<counter, 4 digits>:<node, 8 to 16 of a-z0-9>'
  return isClock(clock) ? null : `stamp.clock: must be an integer from 1 to ${MAX_CLOCK}`
}
