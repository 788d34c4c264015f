import type { SyncEnvironment } from '../environment/environment'
import type { TabMessage } from './tab-channel'

type SendingMessage = Extract<TabMessage, { type: 'sending' }>

/**
 * Knows which records are in a push under way, whichever tab sends. Only the sending tab knows, so it tells the others, if one of them wants to
 * know: a batch may name 1,000 records.
 */
export class SendingRecords {
  /** Names this tab in what it tells. Made when it first tells anything. */
  #id: string | undefined
  #own: readonly string[] = []
  /** By the `#id` of the tab that sends. Several do without Web Locks. */
  readonly #others = new Map<string, readonly string[]>()
  #isWatchedHere = false
  #isWatchedElsewhere = false

  constructor(private readonly options: { env: Pick<SyncEnvironment, 'uuid' | 'locks'>, tell: (message: TabMessage) => void, onChanged: () => void }) {}

  /** The `recordKey`s of all records that are being sent. */
  get keys(): ReadonlySet<string> {
    return new Set([this.#own, ...this.#others.values()].flat())
  }

  /** Somebody in this tab wants to know. */
  watch(): void {
    if (this.#isWatchedHere) return
    this.#isWatchedHere = true
    this.greet()
  }

  /** There may be tabs that have not heard that somebody here wants to know. */
  greet(): void {
    if (this.#isWatchedHere) this.options.tell({ type: 'watch-sending' })
  }

  /** Somebody in another tab wants to know. */
  watchedElsewhere(): void {
    this.#isWatchedElsewhere = true
    if (this.#own.length) this.#tell()
  }

  /** This tab has begun to send these records. Empty: the push is over. */
  sends(keys: readonly string[]): void {
    this.#own = keys
    this.#tell()
    this.options.onChanged()
  }

  /** Another tab has told what it sends. */
  received({ from, keys }: SendingMessage): void {
    if (this.options.env.locks) this.#others.clear()
    this.#others.set(from, keys)
    this.options.onChanged()
  }

  /** This tab leads from now on. The tab that led before may be gone without having told that its push is over. */
  leads(): void {
    if (!this.options.env.locks) return
    this.#others.clear()
    this.#tell()
    this.options.onChanged()
  }

  #tell(): void {
    if (!this.#isWatchedElsewhere) return
    const from = this.#id ??= this.options.env.uuid()
    this.options.tell({ type: 'sending', from, keys: [...this.#own] })
  }
}
