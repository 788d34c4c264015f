import { inTime } from '#or3-sync/shared/sync/waiting/in-time'
import type { Timers } from '#or3-sync/shared/sync/waiting/timers'
import type { AppliedRows } from './applied-rows'

/** How long one commit holds up the next ones of its workspace, in milliseconds: until its listeners have ended, or until earlier commits are known. */
const PATIENCE_MS = 30_000

/** A commit that is to be told. */
export interface WaitingCommit {
  applied: AppliedRows
  /** Characters of its payloads. */
  length: number
  /** Its listeners have ended, or it was left out. */
  end: () => void
}

export interface WorkspaceChangesOptions {
  timers: Timers
  /** Calls the listeners. Never rejects. */
  tell: (applied: AppliedRows) => Promise<void>
  /** The commit no longer waits. */
  onTurn: (commit: WaitingCommit) => void
  /** Its listeners have not ended in time. */
  onSlow: () => void
  /** Nothing waits, and nothing is under way. */
  onIdle: () => void
}

/**
 * The commits of one workspace that the listeners have not been told of, in the order of versions. The next one is told when the listeners of
 * the last have ended, always in a later turn of the event loop, so that answers are sent first.
 *
 * Answers of the store may come back in another order than its commits. A commit that follows directly on the last told one is told at once.
 * For any other one, the store's answers to this process that were on their way when it came are waited for, because they may be of earlier commits.
 */
export class WorkspaceChanges {
  readonly #waiting: { commit: WaitingCommit, ticket: number }[] = []
  readonly #underWay = new Set<number>()
  #lastTicket = 0
  /** The version of the last commit that was told. */
  #told: number | undefined
  #isTelling = false
  #isScheduled = false
  #patience: unknown

  constructor(private readonly options: WorkspaceChangesOptions) {}

  get count(): number {
    return this.#waiting.length
  }

  get oldest(): WaitingCommit | undefined {
    return this.#waiting[0]?.commit
  }

  /** The store is asked to commit something. @returns what to call when it has answered */
  begin(): () => void {
    const ticket = ++this.#lastTicket
    this.#underWay.add(ticket)
    return () => {
      this.#underWay.delete(ticket)
      this.#schedule()
    }
  }

  add(commit: WaitingCommit): void {
    const version = firstVersion(commit)
    let place = this.#waiting.length
    while (place > 0 && firstVersion(this.#waiting[place - 1]!.commit) > version) place--
    this.#waiting.splice(place, 0, { commit, ticket: this.#lastTicket })
    this.#schedule()
  }

  remove(commit: WaitingCommit): void {
    const place = this.#waiting.findIndex(waiting => waiting.commit === commit)
    if (place >= 0) this.#waiting.splice(place, 1)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isTelling) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#tellNext()
    })
  }

  async #tellNext(): Promise<void> {
    this.#stopWaiting()
    const first = this.#waiting[0]
    if (!first) {
      if (this.#underWay.size === 0) this.options.onIdle()
      return
    }
    if (!this.#isDue(first)) return this.#waitForAnswers()
    this.#waiting.shift()
    this.#isTelling = true
    await this.#tell(first.commit)
    this.#isTelling = false
    this.#schedule()
  }

  /** Resolves when the listeners have ended, or have taken too long. */
  async #tell(commit: WaitingCommit): Promise<void> {
    const { tell, onTurn, onSlow, timers } = this.options
    this.#told = commit.applied.rows.at(-1)!.serverVersion
    onTurn(commit)
    const told = tell(commit.applied).then(commit.end)
    await inTime(told, { ms: PATIENCE_MS, timers, late: onSlow })
  }

  #isDue({ commit, ticket }: { commit: WaitingCommit, ticket: number }): boolean {
    if (this.#told !== undefined && firstVersion(commit) === this.#told + 1) return true
    const [oldest] = this.#underWay
    return oldest === undefined || oldest > ticket
  }

  /** Each answer looks again. Without answers, they are no longer waited for after a while. */
  #waitForAnswers(): void {
    this.#patience = this.options.timers.setTimeout(() => {
      this.#underWay.clear()
      this.#schedule()
    }, PATIENCE_MS)
  }

  #stopWaiting(): void {
    if (this.#patience !== undefined) this.options.timers.clearTimeout(this.#patience)
    this.#patience = undefined
  }
}

function firstVersion({ applied }: WaitingCommit): number {
  return applied.rows[0]!.serverVersion
}
