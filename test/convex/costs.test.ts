import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/engine-harness'
import { makePosts } from '../support/make-posts'
import { ConvexHarness } from './convex-harness'
import { perEdit } from './per-edit'

const DEVICES = 10
const EDITS = 10
/** Both above the 64 answers of the past that a writer is remembered with. */
const SIZES = { small: 100, large: 500 }

/** What one edit costs while ten devices watch, the one that makes it among them. */
describe('an edit that ten devices watch', () => {
  let world: ConvexHarness
  beforeAll(async () => { world = await ConvexHarness.open() })
  afterAll(() => world.close())

  async function measure(rows: number) {
    const workspaceId = await world.workspace('ann')
    const devices = Array.from({ length: DEVICES }, () => world.device('ann', workspaceId))
    const [author] = devices as [ReturnType<ConvexHarness['device']>]
    await author.start()
    await author.db.posts.bulkPut(makePosts('existing', rows))
    await author.whenIdle()
    for (const device of devices) await device.start()
    for (const device of devices) await device.whenIdle()
    const level = async () => {
      const versions = new Set(devices.map(device => device.status.get().cursor))
      return versions.size === 1 ? [...versions][0]! : -1
    }
    let version = await until(level, found => found >= rows)
    await world.loopback.resetCounts()
    for (const post of makePosts('edit', EDITS)) {
      await author.db.posts.put({ ...post, id: 'edited' })
      version = await until(level, found => found > version)
    }
    const report = await world.loopback.counts()
    for (const device of devices) await device.stop()
    return perEdit(report, EDITS)
  }

  it('costs one push, ten looks at the version and nine pulls, however large the workspace', { timeout: 60_000 }, async () => {
    const small = await measure(SIZES.small)
    const large = await measure(SIZES.large)
    for (const cost of [small, large]) {
      expect(cost.calls).toMatchObject({ 'sync:push': 1, 'sync:watchChanges': DEVICES, 'sync:pull': DEVICES - 1 })
      // A device tells its cursor every ten seconds at most: how many fall into the measure is chance.
      expect(cost.calls['sync:updateDeviceCursor'] ?? 0).toBeLessThanOrEqual(DEVICES)
    }
    for (const measureOf of ['documentsRead', 'documentsWritten'] as const) expect(large[measureOf]).toBe(small[measureOf])
    // A version of more digits takes a few bytes more, and so does a past of more commits, of which a bounded number is noted.
    for (const measureOf of ['bytesIn', 'bytesOut', 'bytesRead', 'bytesWritten'] as const) expect(large[measureOf] / small[measureOf]).toBeLessThan(1.15)
    if (process.env.OR3_SHOW_COSTS) process.stderr.write(`${JSON.stringify({ small, large }, null, 2)}\n`)
  })
})
