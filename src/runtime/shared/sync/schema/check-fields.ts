import { ENGINE_COLUMNS } from './engine-tables'
import { RESERVED_FIELDS } from './reserved-fields'

type Fail = (message: string, field?: string) => never

/** @returns why no field may have this name, locally or on the wire, or null. */
export function reservedProblem(name: string): string | null {
  if (ENGINE_COLUMNS.has(name)) return `is a column of the sync engine (${[...ENGINE_COLUMNS].join(', ')})`
  return RESERVED_FIELDS.includes(name) ? `is a name that no store takes (${RESERVED_FIELDS.join(', ')})` : null
}

/** Refuses a `fields` map that is ambiguous or has reserved names. `known`: the schema's fields, or null if the schema does not tell them. */
export function checkFields(fields: unknown, known: ReadonlySet<string> | null, fail: Fail): void {
  if (fields === undefined) return
  if (!fields || typeof fields !== 'object') fail('fields must map local names to wire names', 'fields')
  const wireNames = new Set<string>()
  for (const [local, wire] of Object.entries(fields as Record<string, unknown>)) {
    if (known && !known.has(local)) fail(`fields names "${local}", which is no field of its schema`, local)
    if (typeof wire !== 'string' || wire === '') fail(`fields.${local} must be the wire name, a string`, local)
    // Another field's own name is taken on the wire, unless that field has a different wire name.
    const isOthersName = known?.has(wire as string) && wire !== local && !Object.hasOwn(fields as object, wire as string)
    if (wireNames.has(wire as string) || isOthersName) fail(`fields.${local}: the wire name "${String(wire)}" is taken by another field`, local)
    const [problem, wireProblem] = [reservedProblem(local), reservedProblem(wire as string)]
    if (problem) fail(`fields.${local}: "${local}" ${problem}`, local)
    if (wireProblem) fail(`fields.${local}: the wire name "${String(wire)}" ${wireProblem}`, local)
    wireNames.add(wire as string)
  }
}
