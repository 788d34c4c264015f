import type { Revision } from '../../../shared/sync/protocol/revision'

/**
 * The id of a conflict: the record and the whole remote revision. The op id alone would not do: another client may send it again under another
 * revision. A local row that was never sent has no op id; it gets `:unsent`, because an edit of the record may have a conflict with the
 * same remote revision already.
 */
export function conflictId(tableName: string, pk: string, { clock, hlc, opId }: Revision, local: Pick<Revision, 'opId'>): string {
  return `${tableName}:${pk}:${clock}:${hlc}:${opId}${local.opId === '' ? ':unsent' : ''}`
}
