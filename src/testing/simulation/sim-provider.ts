import { SyncError, type OnChanges, type PendingOp, type PullRequest, type PushBatch, type PushResult, type SubscribeOptions, type SyncChange, type SyncProvider, type SyncScope } from 'or3-sync/client'
import type { HistoryTraits } from './history-traits'
import type { SimNetwork } from './sim-network'
import type { StoreSize } from './store-size'
import { withStrangeChange } from './strange-changes'
import type { TaskPump } from './task-pump'
import { terseReply } from './terse-reply'
import type { Actor, VirtualTime } from './virtual-time'

const ODD_TIMES = [0, -1, 1.5, 1e15, 1e300, Number.NaN, '2026', null]

export interface SimProviderOptions {
  inner: SyncProvider
  network: SimNetwork
  time: VirtualTime
  pump: TaskPump
  tab: Actor
  storeSize: StoreSize
  traits: HistoryTraits
  isOnline: () => boolean
  /** A terse reply does not say that the store has refused this op for its clock. */
  onClockUnsaid: (op: PendingOp) => void
  log: (line: string) => void
}

interface SimRequest {
  what: string
  /** The text that a firewall sees. */
  body?: string
}

/** A real provider behind a network that delays, loses, repeats and reorders messages. */
export class SimProvider implements SyncProvider {
  readonly id: string
  readonly mode: SyncProvider['mode']
  readonly maxOps: number
  readonly batchOps: number
  readonly pushLimits?: SyncProvider['pushLimits']
  /** How many calls wait for an answer. */
  underWay = 0
  /** How many of the next pushes arrive but lose their replies. */
  losePushReplies = 0
  readonly #streams = new Set<() => void>()

  constructor(private readonly options: SimProviderOptions) {
    this.id = options.inner.id
    this.mode = options.inner.mode
    const { inner, storeSize: { pushOps, pushLimits } } = options
    this.maxOps = Math.min(inner.maxOps ?? Infinity, pushLimits ? pushLimits.ops : pushOps)
    this.batchOps = pushOps
    if (pushLimits) this.pushLimits = async () => pushLimits
  }

  async push(batch: PushBatch) {
    const sent = structuredClone(batch)
    const what = `push ${sent.ops.map(op => `${op.tableName}/${op.pk}@${op.stamp.clock}${op.operation === 'delete' ? ' deleted' : ''}`).join(' ')}`
    const { inner, traits } = this.options
    const reply = await this.#call({ what, body: JSON.stringify(sent) }, () => inner.push(sent), () => this.losePushReplies > 0 && this.losePushReplies-- > 0)
    return traits.terseAnswers ? this.#tersely(sent, reply) : reply
  }

  #tersely({ ops }: PushBatch, reply: PushResult): PushResult {
    const { network, onClockUnsaid } = this.options
    const told = terseReply(reply, network.random, { hidesRefusals: !network.isCalm })
    const isUnsaid = (opId: string, index: number) => reply.results[index]?.opId === opId && reply.results[index].errorCode === 'CLOCK_SKEW' && told.results[index]?.errorCode !== 'CLOCK_SKEW'
    for (const op of ops.filter(({ stamp: { opId } }, index) => isUnsaid(opId, index))) onClockUnsaid(op)
    return told
  }

  async pull(request: PullRequest) {
    const page = await this.#call({ what: `pull ${request.order ?? 'asc'} from ${request.cursor}${request.bootstrap ? ' bootstrap' : ''}` }, () => this.options.inner.pull(request))
    return { ...page, changes: this.#perhapsStrange(page.changes) }
  }

  updateCursor(scope: SyncScope, deviceId: string, version: number) {
    return this.#call({ what: `cursor ${version}` }, async () => { await this.options.inner.updateCursor?.(scope, deviceId, version) })
  }

  async subscribe(scope: SyncScope, tables: string[], onChanges: OnChanges, options: SubscribeOptions): Promise<() => void> {
    const { network, time, tab, inner, pump, log } = this.options
    await this.#request({ what: 'subscribe' })
    const abort = new AbortController()
    let lastAt = 0
    let ended = false
    const later = (deliver: () => void) => {
      if (ended) return
      if (network.strikes('disconnect')) { network.counts.disconnected++; return fail() }
      const overtakes = network.strikes('reorder')
      if (overtakes) network.counts.reordered++
      const at = time.now + network.latency()
      lastAt = overtakes ? lastAt : Math.max(lastAt, at)
      time.schedule((overtakes ? at : lastAt) - time.now, tab, () => { if (!ended) deliver() })
    }
    const close = () => {
      ended = true
      this.#streams.delete(fail)
      abort.abort()
    }
    const fail = () => {
      if (ended) return
      close()
      time.schedule(network.latency(), tab, () => options.onStatus('error', { error: new SyncError('NETWORK_ERROR', 'the stream broke') }))
    }
    options.signal.addEventListener('abort', close)
    this.#streams.add(fail)
    const handOver: OnChanges = (changes, page) => new Promise((resolve) => {
      later(() => {
        log(`${tab.name} gets ${changes.length} changes${page ? ` from ${page.from} to ${page.nextCursor}` : ''}`)
        void Promise.resolve(onChanges(this.#perhapsStrange(structuredClone(changes)), page)).then(resolve)
      })
      // A provider need not wait until a page is applied, so the next page may overtake it.
      if (ended || network.strikes('reorder')) resolve()
    })
    const unsubscribe = await pump.outside(inner.subscribe(scope, tables, handOver, {
      ...options,
      signal: abort.signal,
      onStatus: (status, detail) => later(() => options.onStatus(status, detail)),
    }))
    await time.sleep(network.latency(), tab)
    return () => {
      close()
      unsubscribe()
    }
  }

  /** How many subscriptions are open. */
  get subscriptions(): number {
    return this.#streams.size
  }

  /** Breaks every open subscription. */
  disconnect(): void {
    for (const fail of [...this.#streams]) fail()
  }

  dispose(): void {
    void this.options.inner.dispose?.()
  }

  /** A page of the feed as it arrives. Live, these changes stand beside others, so that a page of one change does not become a page without any. */
  #perhapsStrange(changes: SyncChange[]): SyncChange[] {
    const { network, traits } = this.options
    return traits.strangeChanges ? withStrangeChange(changes, network.random) : changes
  }

  async #call<T>(request: SimRequest, run: () => Promise<T>, losesReply: () => boolean = () => false): Promise<T> {
    const { network, time, tab, pump } = this.options
    this.underWay++
    try {
      const id = await this.#request(request)
      if (network.strikes('duplicate')) {
        network.counts.duplicated++
        time.schedule(network.latency() * 50, null, () => {
          this.options.log(`#${id} arrives again`)
          void pump.outside(run()).catch(() => {})
        })
      }
      const reply = await pump.outside(run()).then(value => ({ value }), (error: unknown) => ({ error }))
      if (losesReply() || !this.options.isOnline() || network.strikes('lostReply')) {
        network.counts.lostReplies++
        this.options.log(`#${id} reply lost`)
        await this.#fail()
      }
      await time.sleep(network.latency(), tab)
      this.options.log(`#${id} answered${'error' in reply ? ` with ${String(reply.error)}` : ''}`)
      if ('error' in reply) throw reply.error
      const value = structuredClone(reply.value)
      if (network.strikes('oddTime') && value) Object.assign(value, { serverTime: network.random.pick(ODD_TIMES) })
      return value
    }
    finally { this.underWay-- }
  }

  /** Sends a request. Resolves when it has arrived at the store. */
  async #request({ what, body }: SimRequest): Promise<number> {
    const { network, time, tab, log } = this.options
    const id = ++network.counts.requests
    log(`${tab.name} #${id} ${what}`)
    if (!this.options.isOnline() || network.strikes('drop')) {
      network.counts.dropped++
      log(`#${id} lost`)
      await this.#fail()
    }
    // A request that was sent arrives even if its tab dies meanwhile.
    await time.sleep(network.latency())
    try { network.admit(`#${id}`, body) }
    catch (error) {
      await time.sleep(network.latency(), tab)
      throw error
    }
    return id
  }

  async #fail(): Promise<never> {
    const { network, time, tab } = this.options
    await time.sleep(network.failure(), tab)
    throw new SyncError('NETWORK_ERROR', 'the request got no answer')
  }
}
