import { describe, expect, it } from 'vitest'
import { memoryBackend, type SyncBackend } from 'or3-sync/server'
import { NO_FAULTS, simulate } from '../../../src/testing/index'
import { passOn } from '../../../src/testing/pass-on'

/** A store that ends its pages after one record and says that there is no more. */
function hastyBackend(): SyncBackend {
  const store = memoryBackend()
  return {
    ...passOn(store),
    async pull(request) {
      const page = await store.pull(request)
      if (page.rows.length < 2 || request.bootstrap) return page
      return { ...page, rows: page.rows.slice(0, 1), nextCursor: page.rows[0]!.serverVersion, hasMore: false }
    },
  }
}

const HASTY = { seed: 2, faults: NO_FAULTS, guests: 0, backend: hastyBackend }

describe('a simulated history', () => {
  it('is checked for consistency, and holds', async () => {
    const { edits } = await simulate({ seed: 3 })
    expect(edits).toBeGreaterThan(10)
  }, 30_000)

  it('fails where the store calls a page the last one although there is more: devices show transactions in part', async () => {
    await expect(simulate(HASTY)).rejects.toThrow(/^seed 2: \(l\) fractured read in w1: d\d #\d+ at \d+ ms reads /)
  }, 30_000)

  it('is not checked where that is switched off', async () => {
    await simulate({ ...HASTY, checksConsistency: false })
  }, 30_000)
})
