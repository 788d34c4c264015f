import { describe, expect, it } from 'vitest'
import { changedFields, ownPart } from '../../../playground/app/utils/field-changes'

describe('the fields in which two versions differ', () => {
  const title = { field: 'title', local: 'A', remote: 'B', isEqual: false }
  const time = { field: 'updated_at', local: 1, remote: 2, isEqual: false }

  it('leaves out what is equal', () => {
    expect(changedFields([{ field: 'id', local: 'a', remote: 'a', isEqual: true }, title])).toEqual([title])
  })

  it('names the time of the edit only where nothing else differs', () => {
    expect(changedFields([title, time])).toEqual([title])
    expect(changedFields([{ ...title, remote: 'A', isEqual: true }, time])).toEqual([time])
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
