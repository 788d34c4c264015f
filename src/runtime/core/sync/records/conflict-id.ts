import type { Revision } from '../../../shared/sync/protocol/revision'

/**
 * A conflict's id: the record, and the whole revision that was met. An op id alone may come again under another revision. A row that was
 * never sent has no op id: it may give way to a revision that an edit has met before, and is another loser.
 */
export function conflictId(tableName: string, pk: string, { clock, hlc, opId }: Revision, local: Pick<Revision, 'opId'>): string {
  return `${tableName}:${pk}:${clock}:${hlc}:${opId}${local.opId === '' ? ':unsent' : ''}`
}
