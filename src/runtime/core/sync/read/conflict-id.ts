import type { Revision } from '../../../shared/sync/revision'

/** A conflict's id: the record, and the whole revision that was met. An op id alone may come again under another revision. */
export function conflictId(tableName: string, pk: string, { clock, hlc, opId }: Revision): string {
  return `${tableName}:${pk}:${clock}:${hlc}:${opId}`
}
