import { LEADER_CHECK_MS } from '../../../shared/sync/protocol/limits'
import type { SyncEnvironment } from '../environment/environment'
import type { TabMessage } from './tab-channel'

export interface CaughtUpCallsOptions {
  env: Pick<SyncEnvironment, 'clock' | 'uuid' | 'log'>
  isLeader: () => boolean
  /** Only where this tab leads: resolves when a pull that begins after the call has brought everything. Rejects when this tab's work stops. */
  whenLevel: () => Promise<void>
  tell: (message: TabMessage) => void
}

/**
 * Lets every tab wait until the leading tab has caught up. A tab that does not lead asks over the channel. It asks again when there is no answer,
 * because the leading tab may be gone, or another one leads by now.
 */
export class CaughtUpCalls {
  /** By the id of each call from here that waits for another tab: ends its waiting. */
  readonly #waiting = new Map<string, (isAnswered: boolean) => void>()
  /** Ids of calls of other tabs that this one works on. */
  readonly #working = new Set<string>()

  constructor(private readonly options: CaughtUpCallsOptions) {}

  /** Resolves when a pull that began after this call is applied, and the store had no more. Rejects only with the reason of `signal`, when that aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const { env, isLeader, whenLevel } = this.options
    const id = env.uuid()
    for (;;) {
      signal.throwIfAborted()
      if (!isLeader()) {
        if (await this.#ask(id, signal)) return
        continue
      }
      try { return await whenLevel() }
      catch (error) {
        env.log.debug('This tab has lost the lead before it had caught up', error)
        // If it still leads, its work is just stopping or starting.
        if (isLeader()) await this.#pause(id, signal)
      }
    }
  }

  /** Another tab has asked. */
  asked(id: string): void {
    const { isLeader, whenLevel, tell } = this.options
    // It asks again while it waits.
    if (!isLeader() || this.#working.has(id)) return
    this.#working.add(id)
    // If this tab loses the lead, it does not answer: the other one asks again.
    whenLevel().then(() => tell({ type: 'caught-up', id }), () => {}).finally(() => this.#working.delete(id))
  }

  /** The leading tab has answered. */
  answered(id: string): void {
    this.#waiting.get(id)?.(true)
  }

  /** This tab leads now, or does no longer: calls that wait try again. */
  leadChanged(): void {
    for (const end of [...this.#waiting.values()]) end(false)
  }

  /** Asks the leading tab. Resolves to whether it has answered; if not, it is time to ask again. */
  async #ask(id: string, signal: AbortSignal): Promise<boolean> {
    const answer = this.#pause(id, signal)
    this.options.tell({ type: 'catch-up', id })
    return await answer
  }

  async #pause(id: string, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.options.env
    return await new Promise<boolean>((resolve) => {
      const end = (isAnswered: boolean) => {
        clock.clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(id)
        resolve(isAnswered)
      }
      const onAbort = () => end(false)
      const timer = clock.setTimeout(onAbort, LEADER_CHECK_MS)
      signal.addEventListener('abort', onAbort)
      this.#waiting.set(id, end)
    })
  }
}
