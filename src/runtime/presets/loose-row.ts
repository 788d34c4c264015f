import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Which values a field accepts. */
export interface Field<T> {
  /** The accepted type, as error messages name it. */
  readonly expected: string
  /** A type guard, so that TypeScript can infer the row's type from its fields. */
  readonly accepts: (value: unknown) => value is T
  /** The same property as in zod: `defineSyncSchema` reads a field's kind from it. `unknown`: more than one kind. */
  readonly _def: { readonly type: string }
}

type Fields = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends Field<infer T> ? T : never
type OptionalName<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F]
/** Makes one object type of an intersection, so that editors show it readably. */
type Flat<T> = { [K in keyof T]: T[K] }

/** A row with these fields, and with any others. */
export type RowOf<F extends Fields> = Flat<
  { [name: string]: unknown }
  & { [K in Exclude<keyof F, OptionalName<F>>]: ValueOf<F[K]> }
  & { [K in OptionalName<F>]?: ValueOf<F[K]> }
>

/** A Standard Schema of an object with these fields. Other keys are kept as they are. */
export interface LooseRow<F extends Fields> extends StandardSchemaV1<RowOf<F>> {
  /** Read by `defineSyncSchema`, as in zod. */
  readonly shape: F
  readonly _def: { readonly type: 'object' }
}

const field = <T>(type: string, accepts: (value: unknown) => value is T, expected = type): Field<T> => ({ expected, accepts, _def: { type } })

export const text = field('string', value => typeof value === 'string')
/** NaN and infinities are refused, because JSON cannot hold them. */
export const number = field('number', (value): value is number => Number.isFinite(value))
export const flag = field('unknown', (value): value is boolean | number => typeof value === 'boolean' || number.accepts(value), 'boolean or number')

/** Also accepts null, undefined and a missing key. */
export function optional<T>({ _def, expected, accepts }: Field<T>): Field<T | null | undefined> {
  return field(_def.type, (value): value is T | null | undefined => value === null || value === undefined || accepts(value), expected)
}

/** A schema of a row with these fields. Other keys are kept. Validation reports only the first problem. */
export function looseRow<F extends Fields>(shape: F): LooseRow<F> {
  return {
    shape,
    _def: { type: 'object' },
    '~standard': { version: 1, vendor: 'or3-sync', validate: value => check(shape, value) },
  }
}

function check<F extends Fields>(shape: F, value: unknown): StandardSchemaV1.Result<RowOf<F>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { issues: [{ message: describe('object', value), path: [] }] }
  const row = value as RowOf<F>
  for (const [name, { accepts, expected }] of Object.entries(shape)) {
    if (!accepts(row[name])) return { issues: [{ message: describe(expected, row[name]), path: [name] }] }
  }
  return { value: row }
}

/** Uses zod's wording. */
function describe(expected: string, received: unknown): string {
  return `Invalid input: expected ${expected}, received ${nameOf(received)}`
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const maker = typeof value === 'object' ? (value as { constructor?: { name?: string } }).constructor : undefined
  return maker && maker !== Object && maker.name ? maker.name : typeof value
}
