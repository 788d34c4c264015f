import type { PushResult } from 'or3-sync/client'
import type { SeededRandom } from './seeded-random'

/** How often each part is left out. */
const SHARE = 0.5

/**
 * A reply to a push that leaves out what a provider need not say: that an edit was applied, its version, why it was refused, and the payload of a
 * winner, which the device then has to pull. With `hidesRefusals`, some refusals have no code, or sound temporary. Then the edit is sent again.
 */
export function terseReply(reply: PushResult, random: SeededRandom, { hidesRefusals }: { hidesRefusals: boolean }): PushResult {
  const leavesOut = () => random.chance(SHARE)
  return {
    ...reply,
    results: reply.results.map((result) => {
      const { applied, serverVersion, error, winner, errorCode, ...rest } = result
      return {
        ...rest,
        ...(errorCode === undefined || (hidesRefusals && leavesOut()) ? {} : { errorCode: hidesRefusals && leavesOut() ? 'SERVER_ERROR' : errorCode }),
        ...(applied === undefined || (applied && leavesOut()) ? {} : { applied }),
        ...(serverVersion === undefined || (result.success && leavesOut()) ? {} : { serverVersion }),
        ...(error === undefined || leavesOut() ? {} : { error }),
        ...(winner ? { winner: winner.op === 'put' && leavesOut() ? { ...winner, payload: undefined } : winner } : {}),
      }
    }),
  }
}
