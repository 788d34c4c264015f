import type { SubscribeOptions, SyncChange, SyncEnvironment } from 'or3-sync/client'
import { countWriteTransactions } from './count-write-transactions'
import { until, type EngineHarness } from './engine-harness'
import { listedProvider, listedTodo } from './listed-provider'
import { ManualClock } from './test-clock'

/** The change that makes the record `pk` say `title`, as version `version` of the store. */
export function todoAt(version: number, pk: string, title = `${pk}${version}`): SyncChange {
  const change = listedTodo(version)
  return { ...change, pk, payload: { id: pk, title }, stamp: { ...change.stamp, clock: version, hlc: `0mdx00000:${version.toString(36).padStart(4, '0')}:abcdefgh` } }
}

/** A device that follows a store whose records are changed by hand, on a clock that is moved by hand. */
export async function followGrowing(world: EngineHarness, environment: Partial<SyncEnvironment> = {}) {
  const clock = new ManualClock()
  const listed = listedProvider()
  let options: SubscribeOptions | undefined
  const { pull, subscribe } = listed.provider
  const network = { isAway: false, pulls: 0 }
  listed.provider.subscribe = async (...args) => {
    options = args[3]
    return await subscribe(...args)
  }
  listed.provider.pull = async (request) => {
    network.pulls++
    if (network.isAway) return await new Promise(() => {})
    return await pull(request)
  }
  const reader = world.device('bob', { provider: listed.provider, environment: { clock, ...environment } })
  const written = countWriteTransactions(reader.db)
  await reader.start()
  await until(() => reader.status.get().state, state => state === 'idle')
  const { store } = listed
  /** Other devices change these records, and the stream hands that over as one page. Resolves when the stream may go on. */
  const change = async (...pks: string[]) => {
    const from = store.length
    store.push(...pks.map((pk, index) => todoAt(from + index + 1, pk)))
    await listed.live()!(store.slice(from), { from, nextCursor: store.length })
  }
  /** The value of a record here, and in the store. */
  const shown = async (pk: string) => (await reader.db.todos.get(pk))?.title
  const latest = (pk: string) => store.findLast(entry => entry.pk === pk)?.payload?.title
  /** Time passes, and what comes due meanwhile is done. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    // An old page without changes has its turn after all others.
    await listed.live()!([], { from: 0, nextCursor: 0 })
  }
  return { reader, clock, listed, store, network, written, change, shown, latest, pass, options: () => options! }
}
