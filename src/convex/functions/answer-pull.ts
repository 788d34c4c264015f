import type { ObjectType } from 'convex/values'
import { areCommitMarks } from '#or3-sync/shared/sync/protocol/commit-marks'
import { PULL_MAX_LIMIT, PULL_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import { PULL_MAX_ROWS } from '../convex-limits'
import { refuse } from '../refuse'
import { readPage } from '../store/read-page'
import type { SyncReader } from '../store/sync-data-model'
import type { pullArgs } from './pull-shape'

/** @throws ConvexError `VALIDATION_ERROR`, naming the field */
export async function answerPull(
  db: SyncReader,
  { workspaceId, cursor, limit, tables, order = 'asc', bootstrap = order === 'desc', maxBytes = PULL_PAGE_BYTES, mark }: ObjectType<typeof pullArgs>,
) {
  if (!Number.isSafeInteger(cursor) || cursor < 0) throw refuse('VALIDATION_ERROR', 'cursor: must be an integer from 0')
  if (!Number.isInteger(limit) || limit < 1 || limit > PULL_MAX_LIMIT) throw refuse('VALIDATION_ERROR', `limit: must be an integer from 1 to ${PULL_MAX_LIMIT}`)
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw refuse('VALIDATION_ERROR', 'maxBytes: must be an integer from 1')
  return await readPage(db, {
    workspaceId, cursor, tables, order, bootstrap, limit: Math.min(limit, PULL_MAX_ROWS), maxBytes: Math.min(maxBytes, PULL_PAGE_BYTES),
    // A mark of another form comes from another kind of store, and is ignored.
    mark: areCommitMarks(mark) ? mark : undefined,
  })
}
