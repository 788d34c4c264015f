import type { JSONValue } from 'convex/values'

export type StoredDocument = { [field: string]: JSONValue }

interface RangeBound { type: 'Eq' | 'Gt' | 'Gte' | 'Lt' | 'Lte', fieldPath: string, value: JSONValue }

/** What a function looked at: one document, or a stretch of an index (without bounds: the whole table). */
export type ReadRange =
  | { table: string, id: string }
  | { table: string, bounds: readonly RangeBound[] }

/** A document that was written: as it stood before or after. */
export interface WrittenDocument {
  table: string
  document: StoredDocument
}

/** Source of a query as it goes over the syscall. */
export type QuerySource =
  | { type: 'IndexRange', indexName: string, range: RangeBound[] }
  | { type: 'FullTableScan', tableName: string }

export function readRange(source: QuerySource): ReadRange {
  if (source.type === 'FullTableScan') return { table: source.tableName, bounds: [] }
  return { table: source.indexName.split('.')[0]!, bounds: source.range }
}

/** Whether a write may change what a function with these reads returns: what Convex decides before it runs a query again. */
export function overlaps(reads: readonly ReadRange[], writes: readonly WrittenDocument[]): boolean {
  return reads.some(read => writes.some(write => read.table === write.table && isInside(read, write.document)))
}

function isInside(read: ReadRange, document: StoredDocument): boolean {
  if ('id' in read) return document._id === read.id
  return read.bounds.every(({ type, fieldPath, value }) => {
    const found = fieldPath.split('.').reduce<JSONValue | undefined>((at, name) => (at as StoredDocument | undefined)?.[name], document)
    if (type === 'Eq') return JSON.stringify(found) === JSON.stringify(value)
    // Bounds of mixed types do not occur in our functions; to run once too often is no harm.
    if (typeof found !== typeof value || found === undefined || found === null || value === null) return true
    if (type === 'Gt') return found > value
    if (type === 'Gte') return found >= value
    return type === 'Lt' ? found < value : found <= value
  })
}
