import { looseTimers } from '#or3-sync/shared/sync/waiting/timers'
import type { Timers } from '#or3-sync/shared/sync/waiting/timers'
import type { GatewayLogger } from '../observe/gateway-logger'
import { TroubleLog } from '../observe/trouble-log'
import { WarnOnce } from '../observe/warn-once'
import type { AppliedRows } from './applied-rows'
import { WorkspaceChanges } from './workspace-changes'
import type { WaitingCommit } from './workspace-changes'

/** Commits of one workspace that may wait for their listeners. */
const MAX_COMMITS = 1_000
/** Characters of payloads that may wait, in all workspaces. */
const MAX_LENGTH = 32 * 1024 * 1024

export interface ChangeQueueOptions {
  /** Decodes the rows and calls the listeners. Called when it is the commit's turn. What it throws is logged. */
  tell: (applied: AppliedRows) => void | Promise<void>
  /** Whether there is a listener. */
  isHeard: () => boolean
  /** Counts a commit as work of the server until its listeners have ended. @returns what to call then */
  begin: () => () => void
  /** Epoch milliseconds. */
  now: () => number
  logger?: GatewayLogger
  timers?: Timers
}

/**
 * Tells the app's listeners of commits, those of a workspace in the order of their versions. Commits that wait are kept as the store has them.
 * If too many wait, the oldest are left out: what is told later is then still the newest state of its records.
 */
export class ChangeQueue {
  readonly #workspaces = new Map<string, WorkspaceChanges>()
  /** All that wait, in the order in which they came. */
  readonly #waiting = new Map<WaitingCommit, WorkspaceChanges>()
  readonly #slow: WarnOnce
  readonly #leftOut: TroubleLog
  #length = 0

  constructor(private readonly options: ChangeQueueOptions) {
    this.#slow = new WarnOnce(options.logger)
    this.#leftOut = new TroubleLog('[or3-sync] the listeners of or3-sync:changed are slower than the commits; the oldest that wait are left out', options.logger, options.now)
  }

  /** The store is asked to commit something. @returns what to call when it has answered */
  begin(workspaceId: string): () => void {
    return this.#isHeard() ? this.#workspace(workspaceId).begin() : () => {}
  }

  /** Returns at once. @returns resolves when the listeners have ended, or the commit was left out */
  add(applied: AppliedRows): Promise<void> | undefined {
    if (applied.rows.length === 0 || !this.#isHeard()) return undefined
    const endWork = this.options.begin()
    let ended = () => {}
    const told = new Promise<void>((resolve) => { ended = resolve })
    const length = applied.rows.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0)
    const commit: WaitingCommit = {
      applied, length,
      end: () => {
        endWork()
        ended()
      },
    }
    const workspace = this.#workspace(applied.workspaceId)
    workspace.add(commit)
    this.#waiting.set(commit, workspace)
    this.#length += length
    this.#keepWithinBounds(workspace)
    return told
  }

  /** Leaves out what still waits, before the store is closed. */
  stop(): void {
    if (this.#waiting.size > 0) this.options.logger?.warn('[or3-sync] the server stops before the listeners of or3-sync:changed were told of all commits', { commits: this.#waiting.size })
    for (const commit of [...this.#waiting.keys()]) this.#leaveOut(commit)
  }

  #keepWithinBounds(workspace: WorkspaceChanges): void {
    if (workspace.count > MAX_COMMITS) {
      this.#leftOut.report(`more than ${MAX_COMMITS} commits of a workspace wait`)
      this.#leaveOut(workspace.oldest!)
    }
    for (const commit of this.#waiting.keys()) {
      if (this.#length <= MAX_LENGTH || this.#waiting.size === 1) return
      this.#leftOut.report(`more than ${MAX_LENGTH} characters wait`)
      this.#leaveOut(commit)
    }
  }

  #leaveOut(commit: WaitingCommit): void {
    this.#waiting.get(commit)!.remove(commit)
    this.#noLongerWaits(commit)
    commit.end()
  }

  #noLongerWaits(commit: WaitingCommit): void {
    this.#waiting.delete(commit)
    this.#length -= commit.length
  }

  #workspace(id: string): WorkspaceChanges {
    const known = this.#workspaces.get(id)
    if (known) return known
    const workspace = new WorkspaceChanges({
      timers: this.options.timers ?? looseTimers,
      tell: applied => this.#tell(applied),
      onTurn: commit => this.#noLongerWaits(commit),
      onSlow: () => this.#slow.warn('[or3-sync] a listener of or3-sync:changed has not ended after 30 s; the next commits no longer wait for it'),
      onIdle: () => {
        // A very late answer of the store may come when another object has the place already.
        if (this.#workspaces.get(id) === workspace) this.#workspaces.delete(id)
      },
    })
    this.#workspaces.set(id, workspace)
    return workspace
  }

  async #tell(applied: AppliedRows): Promise<void> {
    try { await this.options.tell(applied) }
    catch (error) { this.options.logger?.error('[or3-sync] a listener of or3-sync:changed failed', { error }) }
  }

  #isHeard(): boolean {
    try { return this.options.isHeard() }
    catch (error) {
      this.options.logger?.error('[or3-sync] hasChangedListeners failed', { error })
      return false
    }
  }
}
