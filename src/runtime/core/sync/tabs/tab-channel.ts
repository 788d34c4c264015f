import { LEADER_ANSWER_MS } from '../../../shared/sync/protocol/limits'
import type { SyncStatus } from '../context/sync-status'
import type { SyncEnvironment, TabTransport } from '../environment/environment'
import { readTabMessage } from './read-tab-message'
import type { RecordName } from '../records/record-name'

/** What the tabs of one database tell each other. Rows travel by Dexie's own notices, never here. */
export type TabMessage
  /** The outbox has new entries, or somebody asked for them to be tried now. */
  = | { type: 'outbox', now: boolean }
  /** The outbox or the conflicts changed: counts are stale. `rewritten`: outbox records may hold fewer edits than before. */
    | { type: 'changed', rewritten?: boolean }
  /** Quarantined changes are to be tried again, those of these records or all, and tables that somebody wants again are to be fetched. */
    | { type: 'look-again', records?: RecordName[] }
  /** How the leader is doing. */
    | { type: 'status', status: SharedStatus }
  /** A new tab asks for the leader's status. */
    | { type: 'hello' }
  /** The wall clock is off by this many milliseconds. `reset`: HLCs start again from the corrected time. */
    | { type: 'clock', offset: number, reset: boolean }
    | { type: 'rescan' }
  /** Is there a leader that knows every table of this version of the app's schema? It answers with `pong`. */
    | { type: 'ping', schemaVersion: number }
    | { type: 'pong' }
  /** Web Locks do not work here: no tab may take itself for the only one that pushes. */
    | { type: 'alone' }
  /** Somebody in this tab wants to know which records are being sent. From now on the tab that sends tells. */
    | { type: 'watch-sending' }
  /** The `recordKey`s of the records in the sender's push under way. Empty: the push is over. `from`: an id of the sending tab. */
    | { type: 'sending', from: string, keys: string[] }
  /** The leading tab is asked to catch up with the store. It answers with `caught-up` and the same id. */
    | { type: 'catch-up', id: string }
    | { type: 'caught-up', id: string }

/** The part of the status that only the leader knows. */
export type SharedStatus = Pick<SyncStatus, 'state' | 'cursor' | 'lastSyncAt' | 'firstSyncDone' | 'consistent' | 'progress' | 'pulledCount' | 'error' | 'reason'>

/** Carries messages between the tabs of one database, over a `BroadcastChannel`. */
export class TabChannel {
  #transport: TabTransport | null = null
  #isBlocked = false
  /** Calls that wait for the leading tab's answer. There may be several at once. */
  readonly #waiting = new Set<(answers: boolean) => void>()

  constructor(private readonly options: { name: () => string, schemaVersion: number, env: Pick<SyncEnvironment, 'channel' | 'clock' | 'log'>, onMessage: (message: TabMessage) => void }) {}

  /** Whether the browser refused to open the channel. Then no tab knows who leads, or hears of edits in other tabs. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  open(): void {
    if (this.#transport) return
    this.#isBlocked = false
    this.#transport = this.#connect()
    if (this.#transport) this.#transport.onmessage = ({ data }) => this.#received(readTabMessage(data))
  }

  /** Sends a message. A tab that does not sync has no open channel and hears nothing, but it still sends: the leading tab has to hear of its edits. */
  send(message: TabMessage): void {
    const transport = this.#transport ?? this.#connect()
    try { transport?.postMessage(message) }
    catch (error) { this.options.env.log.debug('The other tabs could not be told', error) }
    if (transport !== this.#transport) transport?.close()
  }

  /** Asks whether a leading tab answers. A hidden tab answers in time: browsers slow down its timers, not its messages. */
  async leaderAnswers(): Promise<boolean> {
    const { clock } = this.options.env
    const answer = new Promise<boolean>((resolve) => {
      const settle = (answers: boolean) => {
        clock.clearTimeout(timer)
        this.#waiting.delete(settle)
        resolve(answers)
      }
      const timer = clock.setTimeout(() => settle(false), LEADER_ANSWER_MS)
      this.#waiting.add(settle)
    })
    this.send({ type: 'ping', schemaVersion: this.options.schemaVersion })
    return await answer
  }

  /** Null if tabs cannot talk to each other. Each tab then learns later, by itself, what the others did. */
  #connect(): TabTransport | null {
    const { env, name } = this.options
    try { return env.channel(name()) }
    catch (error) {
      this.#isBlocked = true
      env.log.debug('There is no channel to other tabs', error)
      return null
    }
  }

  #received(message: TabMessage | null): void {
    if (message?.type === 'pong') this.#leaderAnswered()
    else if (message) this.options.onMessage(message)
  }

  /** Closes the channel. Calls that wait for the leading tab's answer get true, so that a tab that closes does not take over the lead. */
  close(): void {
    this.#leaderAnswered()
    this.#transport?.close()
    this.#transport = null
  }

  #leaderAnswered(): void {
    for (const settle of this.#waiting) settle(true)
  }
}
