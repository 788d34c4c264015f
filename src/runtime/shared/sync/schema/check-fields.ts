import { ENGINE_COLUMNS } from './engine-tables'
import { RESERVED_FIELDS } from './reserved-fields'

type Fail = (message: string, field?: string) => never

/** @returns why no field may be called so, here or on the wire, or null. */
export function reservedProblem(name: string): string | null {
  if (ENGINE_COLUMNS.has(name)) return `is a column of the sync engine (${[...ENGINE_COLUMNS].join(', ')})`
  return RESERVED_FIELDS.includes(name) ? `is a name that no store takes (${RESERVED_FIELDS.join(', ')})` : null
}

/** Refuses a map of local names to wire names that cannot be read back. `known`: the schema's fields, as far as they can be seen. */
export function checkFields(fields: unknown, known: ReadonlySet<string> | null, fail: Fail): void {
  if (fields === undefined) return
  if (!fields || typeof fields !== 'object') fail('fields must map local names to wire names', 'fields')
  const wireNames = new Set<string>()
  for (const [local, wire] of Object.entries(fields as Record<string, unknown>)) {
    if (known && !known.has(local)) fail(`fields names "${local}", which is no field of its schema`, local)
    if (typeof wire !== 'string' || wire === '') fail(`fields.${local} must be the wire name, a string`, local)
    // A field that has another name on the wire leaves its own to others.
    const isOthersName = known?.has(wire as string) && wire !== local && !Object.hasOwn(fields as object, wire as string)
    if (wireNames.has(wire as string) || isOthersName) fail(`fields.${local}: the wire name "${String(wire)}" is taken by another field`, local)
    const [problem, wireProblem] = [reservedProblem(local), reservedProblem(wire as string)]
    if (problem) fail(`fields.${local}: "${local}" ${problem}`, local)
    if (wireProblem) fail(`fields.${local}: the wire name "${String(wire)}" ${wireProblem}`, local)
    wireNames.add(wire as string)
  }
}
