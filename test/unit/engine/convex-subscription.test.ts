import { describe, expect, it, vi } from 'vitest'
import type { ChangePage, PullResponse, SyncChange } from 'or3-sync/client'
import { ConvexSubscription } from '#or3-sync/core/sync/transport/convex/convex-subscription'
import { OwnStretches } from '#or3-sync/core/sync/transport/convex/own-stretches'
import { listedTodo } from '../../support/listed-provider'

interface Handed { versions: number[], page: ChangePage | undefined }

/** A subscription whose pulls are answered from a list, one after the other. */
function open(answers: Partial<PullResponse>[], own: [from: number, to: number][] = []) {
  const handed: Handed[] = []
  const pulls: number[] = []
  const stretches = new OwnStretches()
  for (const [from, to] of own) stretches.add('w1', { from, to })
  const subscription = new ConvexSubscription({
    scope: { workspaceId: 'w1' }, tables: ['todos'], signal: new AbortController().signal, cursor: () => 0, onStatus: () => {},
    onChanges: (changes: SyncChange[], page) => { handed.push({ versions: changes.map(({ serverVersion }) => serverVersion), page }) },
    pull: async ({ cursor }) => {
      pulls.push(cursor)
      const answer = answers.shift()
      if (!answer) throw new Error(`nobody expected a pull from ${cursor}`)
      return { changes: [], nextCursor: cursor, hasMore: false, epoch: 'e1', ...answer }
    },
    ownStretchAfter: version => stretches.after('w1', version),
  })
  const moved = (latestVersion: number) => subscription.moved({ latestVersion, epoch: 'e1' })
  return { subscription, handed, pulls, moved, ends: () => handed.map(({ page }) => [page?.nextCursor, page?.hasMore]) }
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => listedTodo(from + index + 1))
const settled = () => new Promise(resolve => setTimeout(resolve, 20))

describe('a subscription on Convex says that nothing follows', () => {
  it('after its own edits, if the workspace has none after them', async () => {
    const { moved, ends, pulls } = open([], [[0, 3]])
    moved(3)
    await vi.waitFor(() => expect(ends()).toEqual([[3, false]]))
    expect(pulls).toEqual([])
  })

  it('not after its own edits, if others have written since', async () => {
    const { moved, ends } = open([{ changes: rows(3, 5), nextCursor: 5, latestVersion: 5 }], [[0, 3]])
    moved(5)
    await vi.waitFor(() => expect(ends()).toEqual([[3, true], [5, false]]))
  })

  it('not after its own edits, if a page before was read at a later version', async () => {
    // The page up to 2 was read at version 8, where a record of it had moved above 4. The watched query still says 4.
    const { moved, ends, pulls } = open([
      { changes: rows(0, 2), nextCursor: 2, hasMore: true, latestVersion: 8 }, { changes: rows(4, 8), nextCursor: 8, latestVersion: 8 }, { latestVersion: 8 },
    ], [[2, 4]])
    moved(4)
    await vi.waitFor(() => expect(ends()).toEqual([[2, true], [4, true], [8, false]]))
    await settled()
    expect(pulls, 'the last one, because the watched query is behind').toEqual([0, 4, 8])
  })

  it('with an empty page, if the page before said that more follows and all the rest is left out', async () => {
    const { moved, ends, pulls } = open([{ changes: rows(0, 2), nextCursor: 2, hasMore: true, latestVersion: 2 }, { latestVersion: 2 }])
    moved(2)
    await vi.waitFor(() => expect(ends()).toEqual([[2, true], [2, false]]))
    await settled()
    expect(pulls, 'and asks no further').toEqual([0, 2])
  })

  it('and asks no further if a store says again and again that more follows, without a row', async () => {
    const { moved, handed, pulls } = open([{ changes: rows(0, 2), nextCursor: 2, hasMore: true, latestVersion: 5 }, { hasMore: true, latestVersion: 5 }])
    moved(5)
    await settled()
    expect([pulls, handed.length]).toEqual([[0, 2], 1])
  })
})
