import type { SyncStatus } from '../sync-status'
import type { SyncEnvironment, TabTransport } from '../environment'

/** What the tabs of one database tell each other. Rows travel by Dexie's own notices, never here. */
export type TabMessage
  /** The outbox has new entries, or somebody asked for them to be tried now. */
  = | { type: 'outbox', now: boolean }
  /** The outbox or the conflicts changed: counts are stale. */
    | { type: 'changed' }
  /** How the leader is doing. */
    | { type: 'status', status: SharedStatus }
  /** A new tab asks for the leader's status. */
    | { type: 'hello' }
  /** The wall clock is off by this many milliseconds; with `reset`, HLCs start again from corrected time. */
    | { type: 'clock', offset: number, reset: boolean }
    | { type: 'rescan' }

/** The part of the status that only the leader knows. */
export type SharedStatus = Pick<SyncStatus, 'state' | 'cursor' | 'lastSyncAt' | 'firstSyncDone' | 'progress' | 'pulledCount' | 'error'>

export class TabChannel {
  #transport: TabTransport | null = null

  constructor(private readonly options: { name: () => string, env: Pick<SyncEnvironment, 'channel'>, onMessage: (message: TabMessage) => void }) {}

  open(): void {
    if (this.#transport) return
    this.#transport = this.options.env.channel(this.options.name())
    if (this.#transport) this.#transport.onmessage = ({ data }) => this.options.onMessage(data as TabMessage)
  }

  send(message: TabMessage): void {
    this.#transport?.postMessage(message)
  }

  close(): void {
    this.#transport?.close()
    this.#transport = null
  }
}
