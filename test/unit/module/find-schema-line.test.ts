import { expect, it } from 'vitest'
import { findSchemaLine } from '../../../src/setup/find-schema-line'

const SOURCE = `import { z } from 'zod'
export default defineSyncSchema({
  version: 0,
  tables: {
    lists: { schema: z.object({ id: z.string() }), primaryKey: 'id' },
    'todos': {
      schema: z.object({ id: z.string(), title: z.string() }),
      primaryKey: 'uid',
      indexes: ['[list_id+position]'],
    },
    notes,
  },
})`

it.each([
  ['the line of a field within its table', 'todos', 'uid', 8],
  ['the line of an index', 'todos', '[list_id+position]', 9],
  ['the line of a field outside tables', undefined, 'version', 3],
  ['the line of the table where its field is not written', 'lists', 'colour', 5],
  ['the line of a table written as shorthand', 'notes', undefined, 11],
])('finds %s', (_, table, field, line) => {
  expect(findSchemaLine(SOURCE, table, field)).toBe(line)
})

it('finds nothing for an unknown table or no hint', () => {
  expect(findSchemaLine(SOURCE, 'people', 'id')).toBeNull()
  expect(findSchemaLine(SOURCE)).toBeNull()
})
