import type { Bench } from '../bench.ts'
import { waitFor, withReaders } from '../load/with-readers.ts'
import type { Samples } from '../samples.ts'
import { percentile } from '../statistics.ts'
import type { SubjectName } from '../subject-name.ts'

const SIZE = { readers: 1_000, workspaces: 1 }
const COMMITS_A_SECOND = 50
const WARM_UP_SECONDS = 2
const SECONDS = 10

/** A thousand readers of one workspace, and 50 commits a second: milliseconds from sending a push until a reader has it. */
export async function measureReaders(bench: Bench, name: SubjectName): Promise<Samples> {
  return await withReaders(bench, name, SIZE, async ({ ledger, pusher, readers, connect }) => {
    await connect()
    const push = async (seconds: number) => {
      ledger.resetTimes()
      await pusher.run(COMMITS_A_SECOND, seconds)
      await waitFor('all pushes to be acknowledged', () => pusher.waiting === 0)
      await waitFor('all readers to have everything', () => readers.every(({ received }) => received === ledger.count))
    }
    await push(WARM_UP_SECONDS)
    await push(SECONDS)
    if (ledger.deliveries !== SIZE.readers * COMMITS_A_SECOND * SECONDS) throw new Error(`${ledger.deliveries} deliveries`)
    return { 'readers-p50': [percentile(ledger.deliveryMs, 0.5)], 'readers-p99': [percentile(ledger.deliveryMs, 0.99)] }
  })
}
