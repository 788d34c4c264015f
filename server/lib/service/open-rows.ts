import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import { unknownOption } from '#or3-sync/shared/sync/schema/check-options'
import { invalid, typeName } from './find-table'
import { getRow } from './get-row'
import { listRows } from './list-rows'
import type { ServiceParts } from './service-parts'
import type { ListOptions, RowAccess, TableSchemas, WriteOptions } from './table-edits'
import { writeRows } from './write-rows'

/** Reads and writes of the server's own. While sync is off, they reject with `SYNC_DISABLED`. */
export function openRows<Tables extends TableSchemas>(parts: ServiceParts, isEnabled: () => boolean): RowAccess<Tables> {
  const whileOn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isEnabled()) throw new SyncError('SYNC_DISABLED', 'sync is off on this server')
    return await work()
  }
  const access = {
    write: (workspaceId: string, edits: readonly unknown[], options: WriteOptions = {}) => whileOn(async () => {
      if (typeof options !== 'object' || options === null) throw invalid(`write: the options must be an object, not ${typeName(options)}`)
      const unknown = unknownOption(options, ['as'])
      if (unknown) throw invalid(`write: ${unknown.message}`)
      return await writeRows(parts, { workspaceId, edits, as: options.as })
    }),
    get: (workspaceId: string, table: string, pk: string) => whileOn(() => getRow(parts, { workspaceId, table, pk })),
    list: (workspaceId: string, table: string, options?: ListOptions) => whileOn(() => listRows(parts, { workspaceId, table, options })),
  }
  // The service knows the tables only at runtime. Rows are checked against the schema before they are stored.
  return access as unknown as RowAccess<Tables>
}
