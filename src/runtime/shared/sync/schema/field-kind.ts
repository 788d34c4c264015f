/** A schema's own description of itself: zod 4 (`_zod.def`, `_def`) and zod 3 (`_def` with a `typeName`). */
interface Definition {
  type?: unknown
  typeName?: string
  coerce?: boolean
  innerType?: unknown
  element?: unknown
  options?: readonly unknown[]
  values?: readonly unknown[] | object
  value?: unknown
  entries?: object
  in?: unknown
  schema?: unknown
  effect?: { type?: string }
  getter?: () => unknown
}

/** Schemas that wrap one other schema, such as `optional`. The wrapped one tells the kind. */
const AROUND_ONE: ReadonlySet<string> = new Set(['optional', 'nullable', 'default', 'prefault', 'nonoptional', 'readonly', 'catch'])
const NOTHING: ReadonlySet<string> = new Set(['null', 'undefined', 'void'])
/** Schemas whose kind of values cannot be known. */
const UNKNOWN: ReadonlySet<string> = new Set(['any', 'unknown', 'custom', 'transform', 'intersection', 'never', 'success'])
const MAX_DEPTH = 20

/** The kind of a schema's values as they are stored (its input): `string`, `boolean`, `array` and so on, as zod names them. Null: not known. */
export function fieldKind(schema: unknown): string | null {
  const found = unwrap(schema)
  return found && kindOf(found.definition, found.type)
}

/** The schema of an array's items. */
export function itemSchema(schema: unknown): unknown {
  const found = unwrap(schema)
  return found?.definition.element ?? found?.definition.type
}

/** The schema of a field, by its path (`meta.kind`), or undefined. */
export function fieldAt(schema: unknown, path: string): unknown {
  let current = schema
  for (const name of path.split('.')) {
    const shape = (unwrap(current)?.schema as { shape?: Record<string, unknown> } | undefined)?.shape
    if (!shape || !Object.hasOwn(shape, name)) return undefined
    current = shape[name]
  }
  return current
}

interface Unwrapped { schema: unknown, definition: Definition, type: string }

/** Goes through wrapping schemas to the one that says what the values are. */
function unwrap(schema: unknown): Unwrapped | null {
  let current = schema
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const definition = definitionOf(current)
    const type = definition && typeOf(definition)
    if (!type) return null
    if (AROUND_ONE.has(type)) current = definition.innerType
    else if (type === 'pipe' || type === 'pipeline') current = definition.in
    else if (type === 'lazy') current = definition.getter?.()
    else if (type === 'branded') current = definition.type
    else if (type === 'effects' && definition.effect?.type !== 'preprocess') current = definition.schema
    else return { schema: current, definition, type }
  }
  return null
}

function definitionOf(schema: unknown): Definition | undefined {
  const inside = schema as { _zod?: { def?: Definition }, _def?: Definition } | null | undefined
  return inside?._zod?.def ?? inside?._def
}

function typeOf({ type, typeName }: Definition): string | null {
  if (typeof typeName === 'string') return typeName.replace(/^Zod/, '').toLowerCase()
  return typeof type === 'string' ? type : null
}

function kindOf(definition: Definition, type: string): string | null {
  if (definition.coerce || UNKNOWN.has(type) || type === 'effects') return null
  switch (type) {
    case 'template_literal': return 'string'
    case 'tuple': return 'array'
    case 'record': return 'object'
    case 'literal': return common((definition.values as readonly unknown[] | undefined ?? [definition.value]).map(kindOfValue))
    case 'enum':
    case 'nativeenum': return common(Object.values(definition.entries ?? definition.values ?? {}).map(kindOfValue))
    case 'union':
    case 'discriminatedunion': return common([...definition.options ?? []].map(fieldKind))
    default: return type
  }
}

function kindOfValue(value: unknown): string {
  return value === null ? 'null' : typeof value
}

/** The kind that all of them have, leaving out null and undefined. Null: they differ, or one is not known. */
function common(kinds: readonly (string | null)[]): string | null {
  const [kind, ...others] = new Set(kinds.filter(found => found === null || !NOTHING.has(found)))
  return others.length ? null : kind ?? null
}
