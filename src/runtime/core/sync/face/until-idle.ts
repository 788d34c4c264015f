import type { SyncClock } from '../environment/environment'
import type { StatusStore } from '../context/sync-status'

/** How often `isIdle` is asked at least: not every step towards rest changes the status. */
const IDLE_CHECK_MS = 50

/** Resolves when `isIdle` is true. It is asked at every change of the status. */
export async function untilIdle(status: StatusStore, clock: SyncClock, isIdle: () => Promise<boolean>): Promise<void> {
  while (!await isIdle()) {
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, IDLE_CHECK_MS)
      const stop = status.subscribe(() => {
        stop()
        clock.clearTimeout(timer)
        resolve()
      })
    })
  }
}
