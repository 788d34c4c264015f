import { wireOp as pendingOp } from '../../../src/testing/contract/make-op'
import type { OpOptions } from '../../../src/testing/contract/make-op'

/** An op as the Convex functions take it. */
export function wireOp(options: OpOptions = {}) {
  const { tableName, operation, pk, payload, stamp, base } = pendingOp(options)
  return { tableName, operation, pk, stamp, ...payload && { payload: JSON.stringify(payload) }, ...base !== undefined && { base } }
}
