import { internalSyncQuery } from './builders'
import { answerPull } from './answer-pull'
import { pullArgs, pullReturns } from './pull-shape'

/** `pull` for whoever holds the deployment's key, of any workspace: what an export is read with. */
export function defineExportPage() {
  return internalSyncQuery({
    args: pullArgs,
    returns: pullReturns,
    handler: (ctx, args) => answerPull(ctx.db, args),
  })
}
