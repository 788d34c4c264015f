import { ENGINE_COLUMNS } from './engine-tables'
import { fieldAt, fieldKind, itemSchema } from './field-kind'

type Fail = (message: string, field?: string) => never

/** IndexedDB has no keys of these kinds. An index on them would find nothing, without an error. */
const UNINDEXABLE: ReadonlySet<string> = new Set(['boolean', 'bigint', 'object', 'map', 'set', 'symbol', 'function', 'file', 'promise'])

/** `path`, `*path` or `[path+path]`, without other characters that have a meaning in Dexie's syntax. */
const INDEX = /^(?:\*?[^\s&*+,[\].]+(?:\.[^\s&*+,[\].]+)*|\[[^\s&*+,[\]]+(?:\+[^\s&*+,[\]]+)*\])$/

/** Refuses indexes that cannot work. `known`: the schema's fields, or null if the schema does not tell them. */
export function checkIndexes(indexes: unknown, schema: unknown, known: ReadonlySet<string> | null, fail: Fail): void {
  if (indexes === undefined) return
  if (!Array.isArray(indexes) || indexes.some(index => typeof index !== 'string')) fail('indexes must be an array of strings', 'indexes')
  for (const index of indexes as string[]) {
    if (index.includes('&') || index.includes('++')) {
      fail(`index "${index}" is unique or auto-incremented, which devices that are offline cannot keep; use a plain index`, index)
    }
    if (!INDEX.test(index)) fail(`index "${index}" must be one field, as in "list_id" or "meta.kind", an array's items, as in "*tags", or "[list_id+position]"`, index)
    const paths = /^\[(.+)\]$/.exec(index)?.[1]?.split('+') ?? [index.replace(/^\*/, '')]
    for (const path of paths) {
      const field = path.split('.')[0]!
      if (known && !known.has(field) && !ENGINE_COLUMNS.has(field)) fail(`index "${index}" names "${field}", which is no field of its schema`, index)
      const problem = kindProblem(fieldAt(schema, path), path, index)
      if (problem) fail(`index "${index}": ${problem}`, index)
    }
  }
}

function kindProblem(field: unknown, path: string, index: string): string | null {
  const isMultiEntry = index.startsWith('*')
  const kind = fieldKind(field)
  if (kind === 'array' && !isMultiEntry) {
    return index.includes('[') ? `"${path}" is an array, which cannot stand in a compound index` : `"${path}" is an array; "*${path}" finds rows by its items`
  }
  const indexed = kind === 'array' ? fieldKind(itemSchema(field)) : kind
  if (!indexed || !UNINDEXABLE.has(indexed)) return null
  const advice = indexed === 'boolean' ? 'leave the index out and filter, or keep 0 and 1' : 'leave the index out'
  return `IndexedDB cannot index the ${indexed} values of "${path}"; ${advice}`
}
