import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { makeRows } from '../page/rows'
import type { SubjectName } from '../subject-name'
import type { Order, OrderAnswer } from './orders'
import type { BenchStore } from './stores/bench-store'

const CHUNK = 10_000

/** Carries out the orders of the benchmark. */
export class FollowOrders {
  readonly #stores: Partial<Record<SubjectName, BenchStore>>
  readonly #inspector = new Session()

  constructor(stores: Partial<Record<SubjectName, BenchStore>>) {
    this.#stores = stores
  }

  async obey(order: Order): Promise<OrderAnswer> {
    switch (order.do) {
      case 'fill': return { keys: await this.#fill(order) }
      case 'retitle': await this.#storeOf(order.subject).retitle(order.workspace, order.keys, order.title)
        return {}
      case 'count': return { count: await this.#storeOf(order.subject).count(order.workspace) }
      case 'profile': this.#inspector.connect()
        await this.#inspector.post('Profiler.enable')
        await this.#inspector.post('Profiler.start')
        return {}
      case 'end-profile': await this.#endProfile(order.file)
        return {}
    }
  }

  /** @returns `keys` keys, evenly spread over the rows. */
  async #fill({ subject, workspace, count, keys }: Order & { do: 'fill' }): Promise<string[]> {
    const found: string[] = []
    const every = Math.max(1, Math.floor(count / keys))
    for (let first = 0; first < count; first += CHUNK) {
      const rows = makeRows(Math.min(CHUNK, count - first), first)
      await this.#storeOf(subject).fill(workspace, rows)
      found.push(...rows.filter(row => row.position % every === 0).map(row => row.id))
    }
    return found.slice(0, keys)
  }

  async #endProfile(file: string): Promise<void> {
    const { profile } = await this.#inspector.post('Profiler.stop')
    this.#inspector.disconnect()
    await writeFile(file, JSON.stringify(profile))
  }

  #storeOf(subject: SubjectName): BenchStore {
    const store = this.#stores[subject]
    if (!store) throw new Error(`the benchmark's server has no store of ${subject}`)
    return store
  }
}
