import { expect, vi } from 'vitest'
import type { MemberPage } from './member-page'

/**
 * Waits until every page and the store hold the same rows of the tables: payloads and revisions
 * (`clock`, `hlc`, `op_id`). Shows the last difference when they do not within `timeout` ms.
 */
export async function expectConverged(pages: readonly MemberPage[], workspaceId: string, tables: string[], timeout = 30_000): Promise<void> {
  const [first] = pages
  if (!first) throw new Error('name at least one page')
  for (const table of tables) {
    await vi.waitFor(async () => {
      const stored = await first.member.storedRows(workspaceId, table)
      for (const page of pages) {
        expect(await page.rows(table), `${table} of ${page.member.name} beside the store`).toEqual(stored)
      }
    }, { timeout, interval: 200 })
  }
}
