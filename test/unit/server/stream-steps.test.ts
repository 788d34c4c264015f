import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'
import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import type { FeedPage, SyncBackend } from 'or3-sync/server'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'
import { GroupWriter, LevelReader, wholeGroups } from '../../../src/testing/contract/level-steps'
import { passOn } from '../../../src/testing/pass-on'
import type { SyncChange } from '#or3-sync/shared/sync/protocol/types'
import { acceptedOp, NOW, wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

const GROUPS = 25
/** A page of a stream holds four or five of these rows. */
const ROW_LENGTH = 110_000
const schema = defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' } } })
const row = (pk: string, clock: number) => ({ id: pk, title: `${clock}`.padEnd(ROW_LENGTH, 'x') })

interface Page { changes: SyncChange[], from: number, nextCursor: number, hasMore: boolean, latestVersion: number }

/** A reader of the gateway's event stream. It may be slow, and it may lose its connection in the middle of a step. */
class StreamedReader extends LevelReader {
  cursor = 0
  /** Pages that were not the last of their step. */
  inTheMiddle = 0

  constructor(private readonly server: TestGateway, private readonly habits: { pauseMs: number, pagesPerConnection: number }) {
    super()
  }

  /** Reads until the reader is level at a version at which `isEnough`. */
  async readUntil(isEnough: (version: number) => boolean): Promise<void> {
    for (;;) {
      const stream = await openStream(this.server, `workspaceId=w1&tables=todos&cursor=${this.cursor}`)
      for (let count = 0; count < this.habits.pagesPerConnection; count++) {
        const event = await stream.next()
        if (event?.event !== 'changes') throw new Error(`the stream brought ${event?.event ?? 'its end'}`)
        const page = event.data as unknown as Page
        expect(page.from).toBe(this.cursor)
        this.cursor = page.nextCursor
        this.take(page.changes, page.hasMore)
        if (page.hasMore) this.inTheMiddle++
        else expect(page.nextCursor).toBe(page.latestVersion)
        if (!page.hasMore && isEnough(this.cursor)) return stream.close()
        await sleep(this.habits.pauseMs)
      }
      stream.close()
    }
  }
}

describe('the event stream of the gateway shows whole groups', () => {
  let folder: string
  let server: TestGateway
  const backends: SyncBackend[] = []
  const sqlite = () => {
    const backend = sqliteBackend({ path: join(folder, 'store.sqlite'), pollMs: 40 })
    backends.push(backend)
    return backend
  }
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-stream-steps-')) })
  afterEach(async () => {
    await server.stop()
    for (const backend of backends.splice(0)) await backend.close().catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  })

  /** Readers of several kinds, while one writer pushes group after group, through the server or through another process of the same store. */
  async function follow(writes: (group: ReturnType<GroupWriter['next']>) => Promise<number>) {
    const writer = new GroupWriter({ random: new SeededRandom(5), row })
    const readers = [
      { pauseMs: 0, pagesPerConnection: Infinity }, { pauseMs: 0, pagesPerConnection: 1 }, { pauseMs: 15, pagesPerConnection: 3 }, { pauseMs: 60, pagesPerConnection: Infinity },
    ].map(habits => new StreamedReader(server, habits))
    let last = Number.POSITIVE_INFINITY
    const write = async () => {
      let version = 0
      for (let group = 0; group < GROUPS; group++) {
        version = await writes(writer.next())
        await sleep(group % 3 * 8)
      }
      last = version
    }
    await Promise.all([write(), ...readers.map(reader => reader.readUntil(version => version >= last))])
    for (const reader of readers) {
      const shown = wholeGroups(writer, reader)
      expect(shown).not.toContain('torn')
      expect(shown.at(-1)).toBe(GROUPS)
    }
    expect(readers.reduce((sum, { inTheMiddle }) => sum + inTheMiddle, 0), 'some steps took more than one page').toBeGreaterThan(0)
  }

  it.each([['memory', memoryBackend], ['SQLite', sqlite]])('on %s, to quick, slow and often interrupted readers', { timeout: 20_000 }, async (_, open) => {
    server = await startTestGateway({ schema, backend: open() })
    await follow(async group => (await server.push(group.map(wireOp))).serverVersion)
  })

  it('on SQLite, when another process writes, of whose commits this one hears late', { timeout: 20_000 }, async () => {
    server = await startTestGateway({ schema, backend: sqlite() })
    const other = sqlite()
    await follow(async (group) => {
      const pushed = await other.push({ workspaceId: 'w1', userId: 'bob', items: group.map(acceptedOp), now: NOW })
      return pushed.status === 'pushed' ? pushed.serverVersion : Number.NaN
    })
  })
})

it('a stream tells the end of its pages, even if nothing is left to send', async () => {
  const memory = memoryBackend()
  let pulls = 0
  /** Says once that more follows, although the page is the last: as after a scan that ends exactly at the end of the feed. */
  const backend: SyncBackend = { ...passOn(memory), pull: async (request): Promise<FeedPage> => ({ ...await memory.pull(request), ...pulls++ === 0 && { hasMore: true } }) }
  const server = await startTestGateway({ backend })
  await server.push([wireOp({ pk: 'a' })])
  const stream = await openStream(server, 'workspaceId=w1')
  expect(await stream.next()).toMatchObject({ data: { from: 0, nextCursor: 1, hasMore: true } })
  expect(await stream.next()).toMatchObject({ data: { from: 1, nextCursor: 1, hasMore: false, changes: [] } })
  stream.close()
  await server.stop()
})
