import { CONVEX_LIMITS } from '#or3-sync/shared/sync/protocol/limits'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import type { BackendCursor, BackendGc, BackendGet, BackendList, BackendPull, BackendPush, BackendPushOutcome, BackendWrite, BackendWriteOutcome, EraseCounts, FeedPage, GcCounts, RowList, SyncBackend } from '../backend'
import { GatewayError } from '../../errors/gateway-error'
import type { ConvexLogger } from './convex-logger'
import type { MintToken } from './convex-tokens'
import { connectConvex } from './connect-convex'
import type { ConvexArgs, ConvexDeployment, ConvexReply, ConvexReturns } from './convex-deployment'
import { toChangeRow, toFoldedResult } from './convex-rows'
import { listConvex } from './list-convex'

export interface ConvexBackendOptions {
  /** URL of the deployment, such as `https://name.convex.cloud`. */
  url: string
  /** Signs the JWT that tells the deployment who the user is; `createTokenIssuer(…)` has one. Called again shortly before a token expires. */
  mintToken: MintToken
  /**
   * The deployment's admin or deploy key. `write()`, `get()`, `list()`, `erase()`, `newEpoch()` and reading without a user (an export) are refused without it. `gc()` then
   * does nothing, because the deployment collects garbage by its own cron. Default: none.
   */
  adminKey?: string
  /** Is told about trouble with the WebSocket that reports commits; the gateway's own logger fits. Default: silent. */
  logger?: ConvexLogger
  /** Calls the deployment. Default: Convex's own clients. */
  client?: ConvexDeployment
}

/**
 * A store on a Convex deployment with the functions of `or3-sync/convex`. Every call is made as the requesting user, and the deployment
 * checks membership again from its own data. Needs the package `convex`, which is loaded with the first call.
 *
 * @throws TypeError if `url` is not a URL
 */
export function convexBackend(options: ConvexBackendOptions): SyncBackend {
  return new ConvexBackend(options.client ?? connectConvex(options))
}

class ConvexBackend implements SyncBackend {
  readonly id = 'convex'
  readonly limits = CONVEX_LIMITS

  constructor(private readonly deployment: ConvexDeployment) {}

  async push({ workspaceId, userId, items, purgedBefore, mark }: BackendPush): Promise<BackendPushOutcome> {
    const sent = items.filter(item => item.kind === 'op' || item.record)
    const args = { workspaceId, ops: sent.map(toWire), ...purgedBefore !== undefined && { purgedBefore }, ...mark !== undefined && { mark } }
    const reply = await this.deployment.call('push', args, { userId })
    if (reply.status === 'refused' && reply.code === 'OVERSIZED') return { status: 'too-large', reason: reply.message }
    const { results, serverTime: _, ...outcome } = unwrap(reply)
    const answers = new Map(sent.map((item, index) => [item, results[index]!]))
    // A deployment of an older version does not say.
    const previous = results.flatMap(({ previous }) => previous === undefined ? [] : [previous])
    const isKnown = outcome.applied === 0 || previous.length > 0
    return { status: 'pushed', results: items.map(item => toFoldedResult(item, answers.get(item))), ...outcome, ...isKnown && { previous } }
  }

  async pull({ workspaceId, userId, cursor, limit, tables, order, bootstrap, maxBytes, mark }: BackendPull): Promise<FeedPage> {
    const args = { workspaceId, cursor, limit, order, bootstrap, maxBytes, ...tables && { tables: [...tables] }, ...mark !== undefined && { mark } }
    if (userId === undefined) this.#requireKey(`npx convex run sync:exportPage '${JSON.stringify({ workspaceId, cursor, limit, bootstrap })}'`)
    const { changes, ...page } = unwrap(userId === undefined
      ? await this.deployment.call('exportPage', args, 'operator')
      : await this.deployment.call('pull', args, { userId }))
    return { ...page, rows: changes.map(toChangeRow) }
  }

  async write({ workspaceId, edits }: BackendWrite): Promise<BackendWriteOutcome> {
    this.#requireKey()
    const reply = await this.deployment.call('write', { workspaceId, edits: edits.map(toWireEdit) }, 'operator')
    if (reply.status === 'refused' && reply.code === 'VALIDATION_ERROR' && reply.index !== undefined) return { ok: false, code: reply.code, message: reply.message, index: reply.index }
    const outcome = unwrap(reply)
    if (!outcome.ok) return outcome
    const rows = outcome.rows.map(row => row && toChangeRow(row))
    return { ok: true, rows, writes: outcome.isWritten ? rows.filter(row => row !== null) : [], previous: outcome.previous, version: outcome.version }
  }

  async get({ workspaceId, tableName, pk }: BackendGet): Promise<RecordRow | undefined> {
    this.#requireKey()
    const row = unwrap(await this.deployment.call('get', { workspaceId, tableName, pk }, 'operator'))
    return row ? toChangeRow(row) : undefined
  }

  async list(request: BackendList): Promise<RowList> {
    this.#requireKey()
    return await listConvex(request, async args => unwrap(await this.deployment.call('list', args, 'operator')))
  }

  async updateCursor({ workspaceId, userId, deviceId, version }: BackendCursor): Promise<'ok' | 'ahead'> {
    return unwrap(await this.deployment.call('updateDeviceCursor', { workspaceId, deviceId, version }, { userId }))
  }

  async latestVersion(workspaceId: string): Promise<number> {
    return unwrap(await this.deployment.call('watchChanges', { workspaceId }, 'service')).latestVersion
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    let last: ConvexReturns<'watchChanges'> | null = null
    return this.deployment.watch(workspaceId, (value) => {
      // A commit just before the first value came may have been missed, so that value counts as a change. An empty workspace has none.
      const changed = last ? value.latestVersion !== last.latestVersion || value.epoch !== last.epoch : value.latestVersion > 0
      last = value
      if (changed) onChange()
    })
  }

  async gc({ now, retentionMs, cursorExpiryMs, purgeBefore }: BackendGc): Promise<GcCounts> {
    if (!this.deployment.canOperate) return { workspaces: 0, tombstones: 0, devices: 0, purged: 0 }
    // If one run is not enough, the deployment continues by itself.
    const args = { now, retentionMs, cursorExpiryMs, ...purgeBefore !== undefined && { purgeBefore } }
    const { workspaces, tombstones, devices, purged } = unwrap(await this.deployment.call('gc', args, 'operator'))
    return { workspaces, tombstones, devices, purged }
  }

  /** Calls the function until everything is removed. If it breaks off, calling it again removes the rest. */
  async erase(workspaceId: string): Promise<EraseCounts> {
    this.#requireKey(`npx convex run sync:erase '${JSON.stringify({ workspaceId })}'`)
    const counts: EraseCounts = { records: 0, devices: 0 }
    for (;;) {
      const { records, devices, done } = unwrap(await this.deployment.call('erase', { workspaceId, once: true }, 'operator'))
      counts.records += records
      counts.devices += devices
      if (done) return counts
    }
  }

  async newEpoch(): Promise<string> {
    this.#requireKey('npx convex run sync:newEpoch')
    return unwrap(await this.deployment.call('newEpoch', {}, 'operator'))
  }

  async health(): Promise<void> {
    await this.latestVersion('health')
  }

  close(): Promise<void> {
    return this.deployment.close()
  }

  /** @throws GatewayError 501, whose text reaches the caller. A `BackendUnavailableError` would tell them to try again. */
  #requireKey(instead?: string): void {
    if (this.deployment.canOperate) return
    throw new GatewayError(501, 'SERVER_ERROR', `this needs the deployment's key (CONVEX_DEPLOY_KEY or CONVEX_SELF_HOSTED_ADMIN_KEY, or adminKey)${instead ? `; or run: ${instead}` : ''}`)
  }
}

/** An op in the form that the functions take. If the gateway itself refused the op, only its record is looked up. */
function toWire(item: PushItem): ConvexArgs<'push'>['ops'][number] {
  if (item.kind === 'rejected') return { look: item.record! }
  const { tableName, op: operation, pk, payload, stamp, base, unheard } = item
  return { tableName, operation, pk, stamp, ...payload !== null && { payload }, ...base !== undefined && { base }, ...unheard && { unheard: [...unheard] } }
}

function toWireEdit({ payload, expect, removed, ...edit }: ServerEdit): ConvexArgs<'write'>['edits'][number] {
  return { ...edit, ...payload && { payload: JSON.stringify(payload) }, ...removed && { removed }, ...expect !== undefined && { expect } }
}

/** @throws GatewayError when a function refuses: the gateway's session and the deployment's data disagree */
function unwrap<Value>(reply: ConvexReply<Value>): Value {
  if (reply.status === 'done') return reply.value
  throw new GatewayError(reply.code === 'VALIDATION_ERROR' ? 400 : 403, reply.code, reply.message)
}
