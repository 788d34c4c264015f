import { expect, it } from 'vitest'
import { nextOpId, NOW } from '../make-op'
import type { EditOptions, StoreUnderTest } from './store-under-test'

/** Contract 8b: `expect`, and what else makes a write fail as a whole. */
export function describeRefusedWrites(store: StoreUnderTest): void {
  const { push, pull, write, tryWrite, get } = store

  /** Puts the edit that fails between two good ones, and looks whether anything of them is stored. */
  const fails = async (edit: EditOptions) => {
    const before = [await pull(), await store.backend.latestVersion('w1')]
    const outcome = await tryWrite([{ pk: 'good before' }, edit, { pk: 'good after' }])
    expect([await pull(), await store.backend.latestVersion('w1')], 'nothing of the group is stored, and no version is used').toEqual(before)
    if (outcome.ok) throw new Error('the write was stored')
    expect(outcome.index).toBe(1)
    expect(outcome.message).toContain('edits[1]')
    return outcome
  }

  it('writes if the record is in the expected revision, or absent as expected', async () => {
    await push([{ pk: 'a', clock: 3 }, { pk: 'gone', op: 'delete' }])
    const { clock, hlc } = (await get('a'))!.stamp
    const { rows } = await write([{ pk: 'a', expect: { clock, hlc } }, { pk: 'gone', expect: null }, { pk: 'new', expect: null }])
    expect(rows.map(row => row!.stamp.clock)).toEqual([4, 2, 1])
  })

  it('writes nothing if an expectation is not met', async () => {
    await push([{ pk: 'a', clock: 3 }, { pk: 'gone', op: 'delete' }])
    const { clock, hlc } = (await get('a'))!.stamp
    const code = 'CONFLICT'
    expect(await fails({ pk: 'a', expect: null })).toMatchObject({ code })
    expect(await fails({ pk: 'a', expect: { clock: clock - 1, hlc } })).toMatchObject({ code })
    expect(await fails({ pk: 'a', expect: { clock, hlc: `${hlc.slice(0, -1)}9` } })).toMatchObject({ code })
    expect(await fails({ pk: 'a', kind: 'delete', expect: { clock: 1, hlc } })).toMatchObject({ code })
    expect(await fails({ pk: 'gone', kind: 'delete', expect: { clock: 9, hlc } })).toMatchObject({ code })
    expect(await fails({ pk: 'new', expect: { clock, hlc } })).toMatchObject({ code, message: expect.stringContaining('todos "new"') as string })
    expect(await fails({ pk: 'new', kind: 'update', payload: { id: 'new' }, expect: { clock, hlc } }), 'before NOT_FOUND').toMatchObject({ code })
  })

  it('lets one of two writers through that expect the same revision', async () => {
    await push([{ pk: 'a' }])
    const { clock, hlc } = (await get('a'))!.stamp
    const outcomes = await Promise.all([1, 2, 3].map(() => tryWrite([{ pk: 'a', expect: { clock, hlc } }])))
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect((await get('a'))!.stamp.clock).toBe(2)
  })

  it('does not update a row that is missing or deleted', async () => {
    await push([{ pk: 'gone' }, { pk: 'gone', op: 'delete', clock: 2 }])
    for (const pk of ['gone', 'missing']) expect(await fails({ pk, kind: 'update', payload: { id: pk, title: 'x' } })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('checks a row as it checks that of a push', async () => {
    await push([{ pk: 'a' }])
    const code = 'VALIDATION_ERROR'
    expect(await fails({ pk: 'b', payload: { id: 'b', title: 7 } })).toMatchObject({ code, field: 'title', message: expect.stringContaining('put of todos "b"') as string })
    expect(await fails({ pk: 'a', kind: 'update', payload: { id: 'a', title: 7 } })).toMatchObject({ code, field: 'title' })
    expect(await fails({ pk: 'a', kind: 'update', payload: { id: 'a' }, removed: ['title'] })).toMatchObject({ code, field: 'title' })
    expect(await fails({ pk: 'b', payload: { id: 'another', title: 'x' } })).toMatchObject({ code, field: 'id' })
    expect(await fails({ pk: '', payload: { id: '', title: 'x' } })).toMatchObject({ code })
    expect(await fails({ pk: 'b', tableName: 'never declared' })).toMatchObject({ code, message: expect.stringContaining('never declared') as string })
    expect(await fails({ pk: 'k', tableName: 'kv', payload: { id: 'k', name: 'openrouter_api_key', value: 'secret' } })).toMatchObject({ code, field: 'name' })
  })

  it('does not let an update make a row that the store does not take', async () => {
    await write([{ pk: 'k', tableName: 'kv', payload: { id: 'k', name: 'theme', value: 'dark' } }])
    expect(await fails({ pk: 'k', tableName: 'kv', kind: 'update', payload: { id: 'k', name: 'openrouter_api_key' } })).toMatchObject({ code: 'VALIDATION_ERROR', field: 'name' })
  })

  it('takes no row above the size of its table, and no group above a mebibyte', async () => {
    const large = (pk: string, characters: number): EditOptions => ({ pk, payload: { id: pk, title: 'x'.repeat(characters) } })
    expect(await fails(large('a', 300_001))).toMatchObject({ code: 'OVERSIZED' })
    const many = Array.from({ length: 5 }, (_, index) => large(`row-${index}`, 250_000))
    expect(await tryWrite(many)).toMatchObject({ ok: false, code: 'OVERSIZED', index: 4 })
    expect(await tryWrite(many.slice(0, 2))).toMatchObject({ ok: true, version: 2 })
    // The whole rows count, not the changed fields.
    for (const edit of many.slice(2)) await write([edit])
    expect(await tryWrite(many.map(({ pk }) => ({ pk, kind: 'update', payload: { id: pk, done: true } })))).toMatchObject({ ok: false, code: 'OVERSIZED' })
  })

  it('goes on after a refusal', async () => {
    await fails({ pk: 'a', kind: 'update', payload: { id: 'a' } })
    expect(await write([{ pk: 'a', opId: nextOpId() }], { now: NOW + 1 })).toMatchObject({ version: 1 })
  })
}
