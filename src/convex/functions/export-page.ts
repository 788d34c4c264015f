import { internalQueryGeneric } from 'convex/server'
import type { SyncReader } from '../store/sync-data-model'
import { answerPull } from './answer-pull'
import { pullArgs, pullReturns } from './pull-shape'

/** `pull` for whoever holds the deployment's key, of any workspace: what an export is read with. */
export function defineExportPage() {
  return internalQueryGeneric({
    args: pullArgs,
    returns: pullReturns,
    handler: (ctx, args) => answerPull(ctx.db as unknown as SyncReader, args),
  })
}
