import type { PendingOp } from 'or3-sync/client'
import type { EngineHarness } from './engine-harness'
import { jsonReply, pushedOps } from './pushed-ops'

export interface HeldPushes {
  /** How many pushes have been held so far. */
  count: () => number
  /** Lets the oldest held push go on to the store. */
  releaseOne: () => void
  /** Lets all go on, and holds no more. */
  release: () => void
}

/** Holds every push back: it is under way, and gets no answer until it is released. */
export function holdPushes(world: EngineHarness): HeldPushes {
  const held: (() => void)[] = []
  let [count, holds] = [0, true]
  world.intercept = async (path, _, send) => {
    if (path === '/push' && holds) {
      count++
      await new Promise<void>((resolve) => { held.push(resolve) })
    }
    return await send()
  }
  return {
    count: () => count,
    releaseOne: () => held.shift()?.(),
    release() {
      holds = false
      for (const goOn of held.splice(0)) goOn()
    },
  }
}

/** Answers the next push with an error for each of its ops. Later ones reach the store. */
export function refuseNextPush(world: EngineHarness, errorCode: string): void {
  let isDone = false
  world.intercept = async (path, init, send) => {
    if (path !== '/push' || isDone) return await send()
    isDone = true
    const results = pushedOps(init).map(({ stamp }: PendingOp) => ({ opId: stamp.opId, success: false, errorCode, error: 'as the test wants it' }))
    return jsonReply({ results, serverVersion: 0, serverTime: Date.now() })
  }
}
