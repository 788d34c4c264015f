import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { makeRows } from '../page/rows'
import type { SubjectName } from '../subject-name'
import type { Order, OrderAnswer } from './orders'
import type { BenchStore } from './stores/bench-store'

const KEYS = 10

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

  async #fill({ subject, workspace, first, count }: Order & { do: 'fill' }): Promise<string[]> {
    const rows = makeRows(count, first)
    await this.#storeOf(subject).fill(workspace, rows)
    return rows.slice(0, KEYS).map(row => row.id)
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
