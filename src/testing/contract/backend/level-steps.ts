import { expect, it } from 'vitest'
import type { BackendPull } from 'or3-sync/server'
import { SeededRandom } from '../../simulation/seeded-random'
import { GroupWriter, LevelReader, wholeGroups } from '../level-steps'
import type { StoreUnderTest } from './store-under-test'

const TABLES = ['todos', 'notes']

/** How the pages of a reader are bounded. */
const READERS: [string, Partial<BackendPull>][] = [
  ['of one row', { limit: 1 }],
  ['of three rows', { limit: 3 }],
  ['of 150 bytes', { maxBytes: 150 }],
  ['of one table', { limit: 2, tables: ['notes'] }],
  ['of all tables and one that nobody writes to', { limit: 2, tables: ['nothing', 'todos', 'notes'] }],
]

/**
 * Contract 7.16: the pages of a reader up to `hasMore: false`, with the newest revision of each record, are the store at one commit.
 * So a batch is in them as a whole or not at all, wherever pages end and whatever is written meanwhile.
 */
export function describeLevelSteps(store: StoreUnderTest): void {
  /** Follows the feed, page by page. */
  class Follower extends LevelReader {
    #cursor = 0

    constructor(private readonly bounds: Partial<BackendPull>) {
      super()
    }

    /** Reads a page. @returns whether more follows */
    async read(): Promise<boolean> {
      const page = await store.pull({ ...this.bounds, cursor: this.#cursor })
      expect(page.requiresRescan).toBe(false)
      if (!page.hasMore) expect(page.nextCursor, 'nothing follows only at the latest version').toBe(page.latestVersion)
      this.#cursor = page.nextCursor
      this.take(page.rows, page.hasMore)
      return page.hasMore
    }
  }

  const open = (seed: number) => {
    const random = new SeededRandom(seed)
    const writer = new GroupWriter({ random, tables: TABLES, row: (pk, clock) => ({ id: pk, key: pk, title: `at ${clock}`, text: '' }) })
    return { random, writer, write: async (size?: number) => await store.push(writer.next(size)) }
  }

  it.each(READERS)('shows whole groups to a reader with pages %s, while others write between the pages', async (_, bounds) => {
    const { random, writer, write } = open(7)
    const follower = new Follower(bounds)
    for (let round = 0; round < 25; round++) {
      for (let groups = random.between(0, 2); groups > 0; groups--) await write()
      await follower.read()
      // Now and then there is time to become level.
      while (random.chance(0.85) && await follower.read());
    }
    while (await follower.read());
    const shown = wholeGroups(writer, follower, bounds.tables)
    expect(shown).not.toContain('torn')
    expect(shown.length, 'it was level often enough for the test to mean something').toBeGreaterThan(5)
    expect(new Set(shown).size).toBeGreaterThan(5)
    expect(shown.at(-1)).toBe(writer.states.length - 1)
  })

  it('shows a group that is larger than a page as a whole, also when a part of it is written again meanwhile', async () => {
    const { writer, write } = open(11)
    const follower = new Follower({ limit: 4 })
    await write(18)
    expect(await follower.read()).toBe(true)
    await write(9)
    expect(await follower.read()).toBe(true)
    await write(2)
    while (await follower.read());
    expect(wholeGroups(writer, follower)).toEqual([3])
  })

  it('shows whole groups to readers that read while the store writes', async () => {
    const { writer, write } = open(13)
    let isWriting = true
    const writes = async () => {
      for (let group = 0; group < 20; group++) await write()
      isWriting = false
    }
    const followers = [2, 5, 100].map(limit => new Follower({ limit }))
    await Promise.all([writes(), ...followers.map(async (follower) => {
      while (isWriting) await follower.read()
      while (await follower.read());
    })])
    for (const follower of followers) {
      const shown = wholeGroups(writer, follower)
      expect(shown).not.toContain('torn')
      expect(shown.at(-1)).toBe(20)
    }
  })
}
