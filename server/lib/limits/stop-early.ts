import type { StandardSchemaV1 } from '@standard-schema/spec'
import { core } from 'zod'
import type { SyncSchema, SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'

type ZodSchema = core.$ZodType
type Issue = { message: string, path: PropertyKey[] }

/** Lists longer than this are checked element by element before the whole value is checked. */
const LONG_LIST = 256
const CONTEXT = { async: false, abortEarly: true }

/**
 * The same schema, but checking a row ends at its first problem. By itself, zod collects all problems. A row made for this can have a hundred
 * thousand, and zod makes an object and a message for each. Schemas of other libraries stay as they are.
 */
export function stopEarly(schema: SyncSchema): SyncSchema {
  const tables = Object.entries<SyncTable>(schema.tables).map(([name, table]) => [name, { ...table, schema: endAtFirstIssue(table.schema) }] as const)
  return { ...schema, tables: Object.fromEntries(tables) }
}

function endAtFirstIssue(schema: StandardSchemaV1): StandardSchemaV1 {
  if (!isZod(schema)) return schema
  return { '~standard': { version: 1, vendor: 'zod', validate: value => validate(schema, value) } }
}

/** Whether it is a schema of Zod 4. `_zod` is meant for libraries. */
function isZod(schema: StandardSchemaV1): schema is StandardSchemaV1 & ZodSchema {
  return '_zod' in schema && typeof (schema as ZodSchema)._zod.run === 'function'
}

function validate(schema: StandardSchemaV1 & ZodSchema, value: unknown): StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>> {
  const issue = findInLists(schema, value)
  if (issue) return { issues: [issue] }
  const result = run(schema, value)
  // A schema that is asynchronous or throws is validated in the usual way.
  if (!result) return schema['~standard'].validate(value)
  return result.issues.length > 0 ? { issues: [describe(result)] } : { value: result.value }
}

function run(schema: ZodSchema, value: unknown): core.ParsePayload | null {
  try {
    const result = schema._zod.run({ value, issues: [] }, CONTEXT)
    return result instanceof Promise ? null : result
  }
  catch { return null }
}

function describe({ issues }: core.ParsePayload): Issue {
  const { message, path } = core.util.finalizeIssue(issues[0]!, CONTEXT, core.config())
  return { message, path }
}

/**
 * The first problem in an element of a long list. Zod stops by itself at an element of a wrong type, but not at one that fails a check, such
 * as a maximum length. Looks into plain objects and lists only, because these fail whenever a part of them fails.
 */
function findInLists(schema: ZodSchema, value: unknown): Issue | null {
  if (value === null || typeof value !== 'object') return null
  const { def } = (schema as core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional': case 'nullable': case 'default': case 'readonly': return findInLists(def.innerType, value)
    case 'object': return findInFields(def.shape, value)
    case 'array': return Array.isArray(value) ? findInElements(def.element, value) : null
    default: return null
  }
}

function findInFields(shape: core.$ZodShape, value: object): Issue | null {
  for (const key of Object.keys(shape)) {
    const issue = Object.hasOwn(value, key) ? findInLists(shape[key]!, (value as Record<string, unknown>)[key]) : null
    if (issue) return below(key, issue)
  }
  return null
}

function findInElements(element: ZodSchema, list: unknown[]): Issue | null {
  for (let index = 0; index < list.length; index++) {
    const issue = findInLists(element, list[index])
    if (issue) return below(index, issue)
    const result = list.length > LONG_LIST ? run(element, list[index]) : null
    if (result && result.issues.length > 0) return below(index, describe(result))
  }
  return null
}

function below(key: PropertyKey, { message, path }: Issue): Issue {
  return { message, path: [key, ...path] }
}
