import { expect } from 'vitest'
import { SyncError } from 'or3-sync/client'
import type { SimDevice } from '../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../src/testing/simulation/sim-tab'
import { pagedBackend, type OpenStore } from './history-stores'
import { History } from './history'

/** What one read transaction of a device sees. */
export interface View {
  isConsistent: boolean
  /** `table/pk` -> the edit that wrote the row. */
  rows: ReadonlyMap<string, string>
}

export interface ConsistentHistoryOptions {
  store: OpenStore
  /** Rows of a page of the feed, in pulls and streams, at most. Default: the store's own limits. */
  pageRows?: number
}

/** A history whose every transaction is written down for the consistency checks. `end` makes them. */
export class ConsistentHistory extends History {
  constructor({ store, pageRows = Infinity }: ConsistentHistoryOptions) {
    super({ checksConsistency: true, backend: () => pagedBackend(store(), pageRows) })
  }

  /**
   * Lists from now on what a read transaction would see after each transaction of the device's database. Views that are equal to the one before
   * are left out. The consistency checks then see all of them, too, but for those in which the device has edits of its own to send.
   */
  watch(device: SimDevice): View[] {
    const views: View[] = []
    let last: string | null = null
    device.disk.onCommit = () => {
      const view = viewOf(device)
      const text = textOf(view)
      if (text === last) return
      last = text
      views.push(view)
      if (!device.outbox().length) this.world.history!.look(device, device.shared())
    }
    device.disk.onCommit()
    return views
  }

  /** One `bulkPut` of so many items. */
  async bulkPut(tab: SimTab, pks: readonly string[]): Promise<void> {
    this.world.time.jump(1)
    const { journal } = this.world
    const edits = pks.map(pk => journal.open({ tab: tab.name, device: tab.device.name, tableName: 'items', pk, op: 'put' }))
    const { rows } = viewOf(tab.device)
    for (const edit of edits) Object.assign(edit, { group: edits[0]!.id, parent: rows.get(`items/${edit.pk}`) ?? null })
    await this.world.finish(tab.engine.db.items.bulkPut(edits.map(({ id, pk, parent }) => ({ id: pk, edit: id, parent }))))
    for (const edit of edits) journal.close(edit, 'committed')
  }

  /** Many transactions of one tab, 50 at the same time. */
  async editAll(tab: SimTab, transactions: readonly EditRequest[][]): Promise<void> {
    for (let first = 0; first < transactions.length; first += 50) {
      this.world.time.jump(1)
      const committed = await this.world.finish(Promise.all(transactions.slice(first, first + 50).map(edits => tab.edit(edits))))
      expect(committed).not.toContain(false)
    }
  }

  /** One transaction that the store has, and all devices that are there, too. */
  async deliver(tab: SimTab, ...requests: EditRequest[]): Promise<void> {
    expect(await this.edit(tab, ...requests)).toBe(true)
    await this.level(tab.device)
  }

  /** Until the store has applied so many ops in all. */
  untilApplied(count: number): Promise<void> {
    return this.until(() => this.world.oracle.applied >= count)
  }

  /** Everybody has everything, nothing is lost, all agree and say that they are consistent, and the checks find no anomaly. */
  async end(): Promise<void> {
    await this.rest()
    this.world.history!.check()
    expect(this.world.devices.filter(({ tabs }) => tabs.length).map(device => device.cursor()?.consistent)).not.toContain(false)
  }
}

export interface Pair { history: ConsistentHistory, one: SimDevice, two: SimDevice, a: SimTab, b: SimTab }

/** Two devices of one workspace, Ann's with the tab `a` and Bob's with the tab `b`. Both have synced. */
export async function openPair(options: ConsistentHistoryOptions): Promise<Pair> {
  const history = new ConsistentHistory(options)
  const [one, two] = [history.device('ann'), history.device('bob')]
  const [a, b] = [one.open(), two.open()]
  await history.rest()
  return { history, one, two, a, b }
}

/** Closes the page of a device at this moment, as if the browser was killed. */
export function kill(device: SimDevice): void {
  for (const tab of [...device.tabs]) device.crash(tab)
}

/** Requests that wait until they may go. */
export class Held {
  isOpen = false
  /** How many requests wait. */
  waiting = 0
  #letGo: (() => void)[] = []

  /** From now on all requests pass. */
  open(): void {
    this.isOpen = true
    for (const letGo of this.#letGo.splice(0)) letGo()
  }

  async pass(): Promise<void> {
    if (this.isOpen) return
    this.waiting++
    await new Promise<void>((resolve) => { this.#letGo.push(resolve) })
    this.waiting--
  }
}

/** Lets the first `after` pulls of a tab pass. The others wait on the device before they are sent. */
export function holdPulls({ provider }: SimTab, { after = 0 } = {}): Held {
  const held = new Held()
  const pull = provider.pull.bind(provider)
  let count = 0
  provider.pull = async (request) => {
    if (++count > after) await held.pass()
    return await pull(request)
  }
  return held
}

/** The pushes of a tab wait on the device before they are sent. */
export function holdPushes({ provider }: SimTab): Held {
  const held = new Held()
  const push = provider.push.bind(provider)
  provider.push = async (batch) => {
    await held.pass()
    return await push(batch)
  }
  return held
}

/** The store refuses the pushes of a tab for the time being. So it is known that they have not arrived. */
export function refusePushes({ provider }: SimTab): Pick<Held, 'open'> {
  const push = provider.push.bind(provider)
  let isOpen = false
  provider.push = async (batch) => {
    if (!isOpen) throw new SyncError('RATE_LIMITED', 'not now', { status: 429, retryAfter: 1_000, retryable: true })
    return await push(batch)
  }
  return { open: () => { isOpen = true } }
}

/** The tab hears nothing of the store but the answers to its pushes. */
export function holdFeed(tab: SimTab): Held {
  const { provider } = tab
  const held = holdPulls(tab)
  const subscribe = provider.subscribe.bind(provider)
  provider.subscribe = async (...args) => {
    await held.pass()
    return await subscribe(...args)
  }
  provider.disconnect()
  return held
}

export function viewOf(device: SimDevice): View {
  const rows = [...device.records()].flatMap(([key, { row }]): [string, string][] => row ? [[key, row.edit]] : [])
  return { isConsistent: device.cursor()?.consistent === true, rows: new Map(rows.sort(([a], [b]) => a < b ? -1 : 1)) }
}

/** `items/a:e1 items/b:e2`, with `not consistent: ` before it where the device says so. */
export function textOf({ isConsistent, rows }: View): string {
  return `${isConsistent ? '' : 'not consistent: '}${Array.from(rows, ([key, edit]) => `${key}:${edit}`).join(' ')}`
}

/** `first`, `first + 1`, … with a prefix, as names of so many records. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`)
}
