import type { EngineContext } from '../context/engine-context'
import type { ChangeApplier } from './change-applier'
import type { CursorManager } from '../progress/cursor-manager'
import { tellPlace } from './tell-place'

/** The store need not hear of every step of the cursor. */
const PAUSE_MS = 10_000

export interface CursorReporterOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
}

/** Lets the store know how far this device is, so that it need not keep tombstones for it. Failing to is no failure. */
export class CursorReporter {
  #reported = { version: 0, at: 0 }

  constructor(private readonly options: CursorReporterOptions) {}

  /** Reports a new cursor, at most every 10 s; with `now`, at once. Resolves when it is stored here: nobody waits for the store's answer. */
  async report({ now, signal }: { now: boolean, signal: AbortSignal }): Promise<void> {
    const { context: { provider, env }, cursors, applier } = this.options
    const { cursor } = cursors.state
    const at = env.clock.now()
    if (signal.aborted || !provider.updateCursor || cursor === 0 || cursor === this.#reported.version || (!now && at - this.#reported.at < PAUSE_MS)) return
    this.#reported = { version: cursor, at }
    // First here, then there: the store may forget what everybody is said to have.
    await applier.storeCursor()
    void tellPlace(this.options.context, cursor, signal).then((isTaken) => { if (!isTaken && this.#reported.version === cursor) this.forget() })
  }

  /** The same cursor is news again: it says that this device is still there. */
  forget(): void {
    this.#reported.version = 0
  }
}
