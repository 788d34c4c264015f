import { describe, expect, it } from 'vitest'
import type { PushResult } from '#or3-sync/shared/sync/protocol/types'
import { expectConverged } from '../support/expect-converged'
import { makePosts, type PostRow } from '../support/make-posts'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

const ROUNDS = 3
const ROWS_A_ROUND = 300

describe('a server that is killed in the middle of pushes', () => {
  const at = usePlayground()

  it('has every acknowledged edit when it is back, and gets every other one later', async () => {
    const { workspaceId, pages: [alice, bob] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    const acknowledged = collectAcknowledged(alice)

    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged.size
      const writing = writeSlowly(alice, makePosts(`round${round}`, ROWS_A_ROUND))
      await expect.poll(() => acknowledged.size, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before + 20)
      await at.server.kill('SIGKILL')
      expect(acknowledged.size, 'the kill came while pushes were under way').toBeLessThan(before + ROWS_A_ROUND)
      await writing

      // Alice stays away until the store has been looked at: nothing she sends again may hide a loss.
      await alice.context.setOffline(true)
      await at.server.restart()
      const stored = new Set((await bob.member.storedRows(workspaceId, 'posts')).map(row => row.op_id))
      expect([...acknowledged].filter(opId => !stored.has(opId))).toEqual([])
      await alice.context.setOffline(false)
      await expectConverged([alice, bob], workspaceId, ['posts'], 60_000)
    }

    expect(await bob.rows('posts')).toHaveLength(ROUNDS * ROWS_A_ROUND)
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })
})

/** Op ids of every edit that a reply to the page called applied. */
function collectAcknowledged({ page }: MemberPage): Set<string> {
  const acknowledged = new Set<string>()
  page.on('response', async (response) => {
    if (!response.url().endsWith('/api/sync/push') || !response.ok()) return
    // The body of a reply that the kill cut off was never an acknowledgement.
    const body = await response.json().catch(() => null) as PushResult | null
    for (const result of body?.results ?? []) {
      if (result.success && result.applied && result.opId) acknowledged.add(result.opId)
    }
  })
  return acknowledged
}

/** One put after the other with a breath between, so that they go out in many pushes. */
async function writeSlowly(page: MemberPage, rows: PostRow[]): Promise<void> {
  await page.run(async (db, all) => {
    for (const row of all) {
      await db.table('posts').put(row)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }, rows)
}
