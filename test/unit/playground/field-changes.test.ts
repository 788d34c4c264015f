import { describe, expect, it } from 'vitest'
import { fieldChanges, ownPart } from '../../../playground/app/utils/field-changes'

describe('the fields in which two versions differ', () => {
  it('leaves out what is equal, and the engine\'s columns', () => {
    expect(fieldChanges({ id: 'a', title: 'Mine', clock: 2, hlc: 'x' }, { id: 'a', title: 'Theirs', clock: 3, hlc: 'y', pinned: true }))
      .toEqual([{ field: 'title', mine: 'Mine', theirs: 'Theirs' }, { field: 'pinned', mine: undefined, theirs: true }])
  })

  it('names the time of the edit only where nothing else differs', () => {
    expect(fieldChanges({ title: 'A', updated_at: 1 }, { title: 'B', updated_at: 2 }).map(({ field }) => field)).toEqual(['title'])
    expect(fieldChanges({ title: 'A', updated_at: 1 }, { title: 'A', updated_at: 2 }).map(({ field }) => field)).toEqual(['updated_at'])
  })

  it('takes values of one content as equal', () => {
    expect(fieldChanges({ tags: ['a'] }, { tags: ['a'] })).toEqual([])
  })
})

describe('the part of a text that is its own', () => {
  it.each([
    ['the quick fox', 'the slow fox', ['the ', '[quick ]', 'fox']],
    ['same', 'same', ['same']],
    ['', 'all new', []],
    ['a a', 'a a a', ['a ', 'a']],
    ['a a a', 'a a', ['a ', '[a ]', 'a']],
    ['x', '', ['[x]']],
  ])('of %j beside %j', (text, other, parts) => {
    expect(ownPart(text, other).map(part => part.isShared ? part.text : `[${part.text}]`)).toEqual(parts)
    expect(ownPart(text, other).map(part => part.text).join('')).toBe(text)
  })
})
