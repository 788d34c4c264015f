import { describe, expect, it } from 'vitest'
import type { ConflictRecord, ConflictSide } from '#or3-sync/core/sync/records/engine-records'
import { expectConverged } from '../support/expect-converged'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

/** What each of two devices does to a record while offline. `null`: the record is not there afterwards. */
const HISTORIES: Record<string, { alice: Step, bob: Step, conflict: boolean }> = {
  'edited-edited': { alice: 'edit', bob: 'edit', conflict: true },
  'deleted-edited': { alice: 'delete', bob: 'edit', conflict: true },
  'edited-deleted': { alice: 'edit', bob: 'delete', conflict: true },
  'recreated-edited': { alice: 'recreate', bob: 'edit', conflict: true },
  'deleted-recreated': { alice: 'delete', bob: 'recreate', conflict: true },
  'recreated-recreated': { alice: 'recreate', bob: 'recreate', conflict: true },
  'created-created': { alice: 'create', bob: 'create', conflict: true },
  'deleted-deleted': { alice: 'delete', bob: 'delete', conflict: false },
  'edited-alike': { alice: 'edit alike', bob: 'edit alike', conflict: false },
  'edited-untouched': { alice: 'edit', bob: 'nothing', conflict: false },
}
type Step = 'edit' | 'edit alike' | 'delete' | 'recreate' | 'create' | 'nothing'

const PKS = Object.keys(HISTORIES)
const IN_CONFLICT = PKS.filter(pk => HISTORIES[pk]!.conflict).sort()

describe('two devices that edit, delete and re-create the same records offline', () => {
  const at = usePlayground()

  it.each([
    ['at the same time', (alice: MemberPage, bob: MemberPage) => [[alice, bob]]],
    ['one after the other', (alice: MemberPage, bob: MemberPage) => [[alice], [bob]]],
    ['the other way round', (alice: MemberPage, bob: MemberPage) => [[bob], [alice]]],
  ])('agree when they come back %s, and every loser can be brought back', async (_, order) => {
    const { workspaceId, pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    const [alice, bob] = pages
    for (const page of pages) await page.visit('/sync')
    await alice.run(async (db, pks) => {
      for (const pk of pks) await db.table('posts').put({ id: pk, title: 'before', content: pk })
    }, PKS.filter(pk => HISTORIES[pk]!.alice !== 'create'))
    await expectConverged(pages, workspaceId, ['posts'])

    for (const page of pages) await page.context.setOffline(true)
    await act(alice, 'Alice', pk => HISTORIES[pk]!.alice)
    await act(bob, 'Bob', pk => HISTORIES[pk]!.bob)
    const made = { alice: await contents(alice), bob: await contents(bob) }
    for (const group of order(alice, bob)) {
      await Promise.all(group.map(page => page.context.setOffline(false)))
      await expectSent(group)
    }
    await expectConverged(pages, workspaceId, ['posts'], 60_000)

    const conflicts = await conflictsOf(pages)
    expect(conflicts.map(({ pk }) => pk), 'one conflict for each record, on one of the devices').toEqual(IN_CONFLICT)
    const after = await contents(alice)
    for (const conflict of conflicts) {
      const { pk } = conflict
      expect(contentOf(winnerOf(conflict)), `what won ${pk}`).toEqual(after.get(pk))
      expect(new Set([contentOf(conflict.local), contentOf(conflict.remote)]), `both sides of ${pk}`).toEqual(new Set([made.alice.get(pk), made.bob.get(pk)]))
    }

    for (const page of pages) await restoreAll(page)
    await expectSent(pages)
    await expectConverged(pages, workspaceId, ['posts'], 60_000)
    const restored = await contents(bob)
    for (const conflict of conflicts) expect(restored.get(conflict.pk), `the loser of ${conflict.pk} is back`).toEqual(contentOf(loserOf(conflict)))
    for (const pk of PKS.filter(each => !IN_CONFLICT.includes(each))) expect(restored.get(pk), pk).toEqual(after.get(pk))
    expect(await conflictsOf(pages), 'bringing it back is no conflict').toEqual([])
    expect(pages.flatMap(page => page.errors)).toEqual([])
  })
})

async function act(page: MemberPage, name: string, stepOf: (pk: string) => Step): Promise<void> {
  await page.run(async (db, { who, steps }) => {
    const posts = db.table('posts')
    for (const [pk, step] of steps) {
      if (step === 'edit') await posts.update(pk, { title: `edited by ${who}` })
      if (step === 'edit alike') await posts.update(pk, { title: 'edited alike' })
      if (step === 'delete' || step === 'recreate') await posts.delete(pk)
      if (step === 'create' || step === 'recreate') await posts.add({ id: pk, title: `made by ${who}`, color: 'rose' })
    }
  }, { who: name, steps: PKS.map(pk => [pk, stepOf(pk)] as const) })
}

/** Nothing waits and nothing was refused. */
async function expectSent(pages: readonly MemberPage[]): Promise<void> {
  await expect.poll(() => Promise.all(pages.map(page => page.pendingCount())), { timeout: 60_000 }).toEqual(pages.map(() => 0))
}

async function conflictsOf(pages: readonly MemberPage[]): Promise<ConflictRecord[]> {
  const found = await Promise.all(pages.map(page => page.conflicts()))
  return found.flat().sort((a, b) => a.pk < b.pk ? -1 : 1)
}

/** Keeps the version that has lost, of every conflict that the page shows. */
async function restoreAll({ page }: MemberPage): Promise<void> {
  const shown = page.getByTestId('conflict')
  for (let left = await shown.count(); left > 0; left--) {
    await shown.first().locator('[data-stands=false]').click()
    await expect.poll(() => shown.count()).toBe(left - 1)
  }
}

/** What the app sees of each record, by key. */
async function contents(page: MemberPage): Promise<Map<string, string>> {
  return new Map((await page.rows('posts')).map(row => [String(row.id), fieldsOf(row)]))
}

function contentOf({ op, row }: ConflictSide): string | undefined {
  return op === 'put' ? fieldsOf(row!) : undefined
}

function fieldsOf({ id, title, content, color }: Record<string, unknown>): string {
  return JSON.stringify({ id, title, content, color })
}

function winnerOf(conflict: ConflictRecord): ConflictSide {
  return conflict[conflict.winner]
}

function loserOf(conflict: ConflictRecord): ConflictSide {
  return conflict[conflict.winner === 'local' ? 'remote' : 'local']
}
