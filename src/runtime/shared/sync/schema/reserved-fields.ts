/** Field names that are removed from the top level of a payload. In a store they would change a record's identity, or an object's prototype. */
export const RESERVED_FIELDS: readonly string[] = ['__proto__', 'constructor', 'prototype', 'workspace_id', '_id']
