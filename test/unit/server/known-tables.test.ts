import { expect, it } from 'vitest'
import { knownTables } from '../../../server/lib/wire/known-tables'
import { schema } from './support/test-gateway'

it('F37: a filter names tables that there are, once, in one order; one that lets all through is none', () => {
  const known = (...tables: string[]) => knownTables(tables, schema as never)
  expect(known('todos', 'nothing', 'todos', '__proto__')).toEqual(['todos'])
  expect(known('nothing', 'nothing else')).toEqual([])
  expect([known('notes', 'todos', 'nothing'), known('todos', 'notes'), knownTables(undefined, schema as never)]).toEqual([undefined, undefined, undefined])
})
