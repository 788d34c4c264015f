import { expect, it } from 'vitest'
import { sqliteBackend } from 'or3-sync/server'
import { describeOutcome, describeRows } from './support/describe-outcome'
import { openConvexBackend } from './support/open-backend'
import { RandomHistory } from './support/random-history'

const HISTORIES = 300

/**
 * The same histories through SQLite and Convex: every answer on the way, and every row at the end, is the same. Between them: puts, deletes,
 * lost replies, late duplicates, equal clocks, wrong clocks, refused ops, walks up and down, garbage collection with and without
 * purging, erasure.
 */
it(`${HISTORIES} histories end in the same rows, versions, winners and results on SQLite and on Convex`, { timeout: 240_000 }, async () => {
  const seen = { pushes: 0, applied: 0, replayed: 0, winners: 0, overwrote: 0, earlier: 0, refused: 0, tooOld: 0, tombstones: 0, purged: 0, erased: 0, rescans: 0 }
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const sqlite = sqliteBackend({ path: ':memory:' })
    const convex = await openConvexBackend()
    for (const [index, step] of new RandomHistory(seed).steps().entries()) {
      const expected = await describeOutcome(sqlite, step)
      expect(await describeOutcome(convex, step), `seed ${seed}, step ${index}: ${JSON.stringify(step)}`).toEqual(expected)
      count(seen, expected)
    }
    expect(await describeRows(convex), `seed ${seed}, at the end`).toEqual(await describeRows(sqlite))
    await convex.close()
    await sqlite.close()
  }
  // The histories are worth something only where all this happens in them.
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(20)
})

function count(seen: Record<string, number>, outcome: unknown): void {
  const { results, tombstones, purged, records, requiresRescan } = outcome as { results?: Record<string, unknown>[], tombstones?: number, purged?: number, records?: number, requiresRescan?: boolean }
  if (results) seen.pushes!++
  for (const result of results ?? []) {
    if (result.applied && !result.replayed) seen.applied!++
    if (result.replayed) seen.replayed!++
    if (result.winner) seen.winners!++
    if (result.overwrote) seen.overwrote!++
    if (result.overwroteEarlier) seen.earlier!++
    if (result.success === false) seen.refused!++
    if (result.errorCode === 'CONFLICT') seen.tooOld!++
  }
  seen.tombstones! += tombstones ?? 0
  seen.purged! += purged ?? 0
  seen.erased! += records ?? 0
  if (requiresRescan) seen.rescans!++
}
