import type { H3Event } from 'h3'
import type { FoldedResult, PushItem } from '#or3-sync/shared/sync/store/fold-push'
import { PULL_PAGE_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import type { SyncScope } from '#or3-sync/shared/sync/protocol/types'
import type { GatewayContext } from '../context/gateway-context'
import { countOutcomes } from '../observe/count-outcomes'
import { GatewayError } from '../errors/gateway-error'
import type { GatewaySession } from '../session/gateway-session'
import { JsonBytes } from '../http/json-bytes'
import { readMark, tellMark } from '../http/mark-header'
import { readJsonBody } from '../requests/read-json-body'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import { checkOpCount, checkShape, pushShape } from '../wire/request-shapes'
import { serializePush } from '../wire/serialize-push'
import { tellPushed } from '../requests/tell-pushed'

/** `POST /push`: takes a batch and says of every op what became of it. */
export async function pushRoute(event: H3Event, context: GatewayContext): Promise<JsonBytes> {
  const session = await context.requireSession(event)
  await context.limitRate(event, session, 'push')
  const { scope, items } = await readBatch(event, context, session)
  // What was replaced goes into the reply: it may be many times as large as the request.
  await context.work.hold(event, session.userId, PULL_PAGE_BYTES)
  await context.work.turns.pause(session.userId)
  context.feeds.willPush(scope.workspaceId, session.userId, items)
  const pushed = await pushInParts(context, session, { workspaceId: scope.workspaceId, items, mark: readMark(event) })
  context.options.metrics?.pushed(countOutcomes(pushed.results))
  if (pushed.applied > 0) tellPushed(event, context, { scope, userId: session.userId, applied: pushed.applied })
  tellMark(event, pushed.mark)
  return new JsonBytes(serializePush(pushed, context.now()), session.userId)
}

/** The ops of the body, each checked. A large batch lets others have their turn in between. */
async function readBatch(event: H3Event, context: GatewayContext, session: GatewaySession): Promise<{ scope: SyncScope, items: PushItem[] }> {
  const body = await readJsonBody(event, context, session)
  return await context.work.readBody(session.userId, body.bytes, async () => {
    const { scope, ops } = checkShape(pushShape, body.parse())
    checkOpCount(ops.length)
    context.requireMember(session, scope.workspaceId, 'write')
    const items: PushItem[] = []
    for (const op of ops) {
      items.push(readOp(op, context.schema))
      await context.work.turns.pause(session.userId)
    }
    return { scope: { workspaceId: scope.workspaceId, ...scope.projectId && { projectId: scope.projectId } }, items }
  })
}

/**
 * One transaction where the store can; else one after the other. A part that stands is not taken back: pushing again is harmless. No items
 * are a part, too: who sends none asks whether the store takes pushes.
 */
async function pushInParts(context: GatewayContext, { userId }: GatewaySession, { workspaceId, items, mark: known }: { workspaceId: string, items: PushItem[], mark: string | undefined }) {
  const { backend } = context.options
  const size = backend.maxOps ?? items.length
  const results: FoldedResult[] = []
  let serverVersion: number
  let applied = 0
  let mark: string | undefined
  let restored = false
  let start = 0
  do {
    const outcome = await backend.push({ workspaceId, userId, items: items.slice(start, start + size), now: context.now(), continues: start > 0, purgedBefore: context.purgeBefore(), mark: start > 0 ? undefined : known })
    if (outcome.status === 'too-large') throw new GatewayError(413, 'OVERSIZED', 'the edits this batch replaces are too large for one reply; send fewer ops')
    results.push(...outcome.results)
    serverVersion = outcome.serverVersion
    mark = outcome.mark
    restored ||= outcome.restored === true
    applied += outcome.applied
    start += size
  } while (start < items.length)
  return { results, serverVersion, applied, mark, restored }
}
