import { describe, expect, it } from 'vitest'
import { diffRows } from '#or3-sync/app/diff-rows'

const differing = (local: Record<string, unknown> | undefined, remote: Record<string, unknown> | undefined) => diffRows(local, remote).filter(({ isEqual }) => !isEqual).map(({ field }) => field)

describe('diffRows', () => {
  it('lists the fields of this device first, then those that only the other version has', () => {
    expect(diffRows({ id: '1', title: 'Wash' }, { done: true, title: 'Dry', id: '1' })).toEqual([
      { field: 'id', local: '1', remote: '1', isEqual: true },
      { field: 'title', local: 'Wash', remote: 'Dry', isEqual: false },
      { field: 'done', local: undefined, remote: true, isEqual: false },
    ])
  })

  it('leaves out the columns of the engine', () => {
    expect(diffRows({ id: '1', clock: 1, hlc: 'a', op_id: 'x' }, { id: '1', clock: 2, hlc: 'b', op_id: 'y' }).map(({ field }) => field)).toEqual(['id'])
  })

  it('compares a row with one that was deleted', () => {
    expect(diffRows(undefined, { id: '1' })).toEqual([{ field: 'id', local: undefined, remote: '1', isEqual: false }])
    expect(diffRows({ id: '1' }, undefined)).toEqual([{ field: 'id', local: '1', remote: undefined, isEqual: false }])
    expect(diffRows(undefined, undefined)).toEqual([])
  })

  it('compares values by content', () => {
    const row = () => ({ date: new Date(5), bytes: new Uint8Array([1, 2]), list: [1, { a: NaN }], big: 5n, nothing: null })
    expect(differing(row(), row())).toEqual([])
    expect(differing(row(), { date: new Date(6), bytes: new Uint8Array([1, 3]), list: [1, { a: 1 }], big: 6n, nothing: 0 })).toEqual(['date', 'bytes', 'list', 'big', 'nothing'])
    expect(differing({ a: [1], b: {}, c: [], d: '1' }, { a: [1, 2], b: { x: undefined }, c: {}, d: 1 })).toEqual(['a', 'b', 'c', 'd'])
  })
})
