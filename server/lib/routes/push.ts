import type { H3Event } from 'h3'
import type { FoldedResult, PushItem } from '#or3-sync/shared/sync/fold-push'
import type { SyncScope } from '#or3-sync/shared/sync/types'
import type { GatewayContext } from '../gateway-context'
import { countOutcomes } from '../count-outcomes'
import { GatewayError } from '../gateway-error'
import type { GatewaySession } from '../gateway-session'
import { JsonText } from '../json-text'
import { readMark, tellMark } from '../mark-header'
import { readJsonBody } from '../read-json-body'
import { readOp } from '#or3-sync/shared/sync/read-op'
import { checkOpCount, checkShape, pushShape } from '../request-shapes'
import { serializePush } from '../serialize-push'

/** `POST /push`: takes a batch and says of every op what became of it. */
export async function pushRoute(event: H3Event, context: GatewayContext): Promise<JsonText> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'push')
  const { scope, ops } = checkShape(pushShape, await readJsonBody(event, context.bodyTimeoutMs))
  checkOpCount(ops.length)
  context.requireMember(session, scope.workspaceId, 'write')
  const { schema, backend } = context.options
  if (ops.length === 0) return new JsonText(serializePush({ results: [], serverVersion: await backend.latestVersion(scope.workspaceId) }, context.now()))

  const items = ops.map(op => readOp(op, schema))
  const pushed = await pushInParts(context, session, { workspaceId: scope.workspaceId, items, mark: readMark(event) })
  context.options.metrics?.pushed(countOutcomes(pushed.results))
  if (pushed.applied > 0) await tellApp(event, context, { workspaceId: scope.workspaceId, ...scope.projectId && { projectId: scope.projectId } }, session, pushed.applied)
  tellMark(event, pushed.mark)
  return new JsonText(serializePush(pushed, context.now()))
}

/** One transaction where the store can; else one after the other. A part that stands is not taken back: pushing again is harmless. */
async function pushInParts(context: GatewayContext, { userId }: GatewaySession, { workspaceId, items, mark: known }: { workspaceId: string, items: PushItem[], mark: string | undefined }) {
  const { backend } = context.options
  const size = backend.maxOps ?? items.length
  const results: FoldedResult[] = []
  let serverVersion = 0
  let applied = 0
  let mark: string | undefined
  let restored = false
  for (let start = 0; start < items.length; start += size) {
    const outcome = await backend.push({ workspaceId, userId, items: items.slice(start, start + size), now: context.now(), continues: start > 0, purgedBefore: context.purgeBefore(), mark: start > 0 ? undefined : known })
    if (outcome.status === 'too-large') throw new GatewayError(413, 'OVERSIZED', 'the edits this batch replaces are too large for one reply; send fewer ops')
    results.push(...outcome.results)
    serverVersion = outcome.serverVersion
    mark = outcome.mark
    restored ||= outcome.restored === true
    applied += outcome.applied
  }
  return { results, serverVersion, applied, mark, restored }
}

/** The ops stand: whatever the app's listener does, the client must hear so. */
async function tellApp(event: H3Event, { options }: GatewayContext, scope: SyncScope, { userId }: GatewaySession, applied: number): Promise<void> {
  try { await options.onPushed?.(event, { scope, userId, applied }) }
  catch (error) { options.logger?.error('[or3-sync] a listener of or3-sync:pushed failed', { error }) }
}
