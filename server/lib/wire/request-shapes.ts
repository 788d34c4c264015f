import { z } from 'zod'
import { isHlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import { PULL_MAX_LIMIT, REQUEST_MAX_OPS } from '#or3-sync/shared/sync/protocol/limits'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import { GatewayError } from '../errors/gateway-error'

// Ids have the form of primary keys: 1 to 256 characters, none of them a control character.
const id = z.string().refine(value => primaryKeyError(value) === null, 'must be text of 1 to 256 characters without control characters')
const version = z.number().int().min(0)
// The length is checked first. Otherwise zod would check half a million names before it says that there are too many.
const tables = z.custom<string[]>(value => Array.isArray(value) && value.length <= 1_000, 'must be a list of at most 1,000 names').pipe(z.array(id))
const scope = z.object({ workspaceId: id, projectId: id.nullish() })

/** Checks the envelope only. Each op is checked on its own, later. */
export const pushShape = z.object({ scope, ops: z.custom<unknown[]>(Array.isArray, 'must be a list') })

export const pullShape = z.object({
  scope,
  cursor: version,
  limit: z.number().int().min(1).max(PULL_MAX_LIMIT),
  tables: tables.optional(),
  order: z.enum(['asc', 'desc']).optional(),
  bootstrap: z.boolean().optional(),
})

export const cursorShape = z.object({ scope, deviceId: id, version })

export const subscribeShape = z.object({
  workspaceId: id,
  cursor: z.string().regex(/^\d{1,15}$/, 'must be a whole number from 0').transform(Number).default(0),
  tables: z.string().transform(text => text.split(',').filter(Boolean)).pipe(tables).optional(),
  node: z.string().refine(isHlcNode, 'must be an HLC node: 8 to 16 characters of a-z0-9').optional(),
})

/** @throws GatewayError 400 that names the field */
export function checkShape<T extends z.ZodType>(shape: T, input: unknown): z.infer<T> {
  const result = shape.safeParse(input)
  if (!result.success) {
    const issue = result.error.issues[0]
    const path = issue?.path.join('.') || 'the request'
    throw new GatewayError(400, 'VALIDATION_ERROR', `${path}: ${issue?.message ?? 'invalid'}`)
  }
  return result.data
}

/** @throws GatewayError 413 */
export function checkOpCount(count: number): void {
  if (count > REQUEST_MAX_OPS) throw new GatewayError(413, 'OVERSIZED', `a request has at most ${REQUEST_MAX_OPS} ops, this one has ${count}`)
}
