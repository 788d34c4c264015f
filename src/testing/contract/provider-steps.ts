import { expect, it, vi } from 'vitest'
import type { ChangePage, PendingOp, PushBatch, SyncChange, SyncProvider } from 'or3-sync/client'
import { SeededRandom } from '../simulation/seeded-random'
import { GroupWriter, LevelReader, wholeGroups } from './level-steps'
import { wireOp } from './make-op'

/** The fixture of the test that runs. Others are devices beside `provider`. */
export interface ProviderUnderTest {
  workspaceId: string
  provider: SyncProvider
  connect: () => SyncProvider
}

/** Contract 7.16, for providers whose store takes a push in one transaction: pages up to `hasMore: false` show whole groups. */
export function describeProviderSteps(current: () => ProviderUnderTest): void {
  it('shows whole groups in pages that are pulled, whatever is written between them', async () => {
    const { provider, connect, workspaceId } = current()
    const other = connect()
    const random = new SeededRandom(3)
    const writer = new GroupWriter({ random })
    const reader = new LevelReader()
    let cursor = 0
    const read = async () => {
      const page = await provider.pull({ scope: { workspaceId }, cursor, limit: 2 })
      cursor = page.nextCursor
      reader.take(page.changes, page.hasMore)
      return page.hasMore
    }
    for (let round = 0; round < 12; round++) {
      await other.push(batchOf(workspaceId, writer))
      await read()
      while (random.chance(0.8) && await read());
    }
    while (await read());
    const shown = wholeGroups(writer, reader)
    expect(shown).not.toContain('torn')
    expect(shown.length).toBeGreaterThan(2)
    expect(shown.at(-1)).toBe(12)
    await other.dispose?.()
  })

  it('shows whole groups to a slow subscriber that is told of pages', async () => {
    const { provider, connect, workspaceId } = current()
    const other = connect()
    const writer = new GroupWriter({ random: new SeededRandom(4) })
    const reader = new SubscribedReader()
    const abort = new AbortController()
    const unsubscribe = await provider.subscribe({ workspaceId }, ['todos'], reader.onChanges, { cursor: () => reader.cursor, signal: abort.signal, onStatus: () => {} })
    for (let group = 0; group < 12; group++) await other.push(batchOf(workspaceId, writer))
    await vi.waitFor(() => expect(reader.newest).toEqual(writer.states.at(-1)), { timeout: 10_000, interval: 20 })
    const shown = wholeGroups(writer, reader)
    expect(shown).not.toContain('torn')
    // Changes without a page say nothing of levels.
    if (reader.pages > 0) expect(shown.at(-1)).toBe(12)
    abort.abort()
    unsubscribe()
    await other.dispose?.()
  })
}

/** Takes what a subscription brings, slowly. Of edits that this reader has pushed itself, the subscription may skip the rows. */
export class SubscribedReader extends LevelReader {
  cursor = 0
  /** Pages that continued the cursor. */
  pages = 0
  #own: SyncChange[] = []

  constructor(private readonly pauseMs = 5) {
    super()
  }

  /** An own push was answered. */
  pushed(ops: readonly PendingOp[], versions: readonly (number | undefined)[]): void {
    this.#own.push(...ops.map(({ tableName, pk, operation, stamp }, index) => ({ tableName, pk, op: operation, stamp, serverVersion: versions[index]! })))
  }

  onChanges = async (changes: SyncChange[], page?: ChangePage): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, this.pauseMs))
    if (!page) return this.take(changes, true)
    expect(page.from, 'pages have no gap between them').toBeLessThanOrEqual(this.cursor)
    this.pages++
    this.cursor = Math.max(this.cursor, page.nextCursor)
    const isReached = ({ serverVersion }: SyncChange) => serverVersion <= this.cursor
    const own = this.#own.filter(isReached)
    this.#own = this.#own.filter(change => !isReached(change))
    this.take([...own, ...changes], page.hasMore === true)
  }
}

function batchOf(workspaceId: string, writer: GroupWriter): PushBatch {
  return { scope: { workspaceId }, ops: writer.next().map(op => wireOp({ ...op, device: 'device-2' })) }
}
