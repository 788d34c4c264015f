/** A text that identifies a record inside its workspace. It is unique, because primary keys contain no control characters. */
export function recordKey(tableName: string, pk: string): string {
  return `${tableName}\u0000${pk}`
}
