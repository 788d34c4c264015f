/** Names that never reach a store's record: they would change its identity or its prototype. At the top level of a payload. */
export const RESERVED_FIELDS: readonly string[] = ['__proto__', 'constructor', 'prototype', 'workspace_id', '_id']
