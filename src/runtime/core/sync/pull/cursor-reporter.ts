import { CURSOR_REPORT_MS } from '../../../shared/sync/protocol/limits'
import type { EngineContext } from '../context/engine-context'
import type { ChangeApplier } from './change-applier'
import type { CursorManager } from '../progress/cursor-manager'
import { tellPlace } from './tell-place'

export interface CursorReporterOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
}

/** Reports this device's cursor, so that the store need not keep older tombstones for it. A report that fails does no harm. */
export class CursorReporter {
  #reported = { version: 0, at: 0 }

  constructor(private readonly options: CursorReporterOptions) {}

  /** Reports a new cursor, at most every 10 s; with `now`, at once. Resolves when the cursor is stored here, without waiting for the store's answer. */
  async report({ now, signal }: { now: boolean, signal: AbortSignal }): Promise<void> {
    const { context: { provider, env }, cursors, applier } = this.options
    const { cursor } = cursors.state
    const at = env.clock.now()
    if (signal.aborted || !provider.updateCursor || cursor === 0 || cursor === this.#reported.version || (!now && at - this.#reported.at < CURSOR_REPORT_MS)) return
    this.#reported = { version: cursor, at }
    // Stored here first: once every device has reported a cursor, the store may drop the tombstones below it.
    await applier.storeCursor()
    void tellPlace(this.options.context, cursor, signal).then((isTaken) => { if (!isTaken && this.#reported.version === cursor) this.forget() })
  }

  /** Reports even the same cursor again, to show that this device is still there. */
  forget(): void {
    this.#reported.version = 0
  }
}
