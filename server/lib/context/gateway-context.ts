import { isError, setResponseHeaders } from 'h3'
import type { H3Event } from 'h3'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { DAY_MS } from '#or3-sync/shared/sync/protocol/limits'
import { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'
import { inTime } from '#or3-sync/shared/sync/waiting/in-time'
import { looseTimers } from '#or3-sync/shared/sync/waiting/timers'
import { guardBackend } from '../backends/guard-backend'
import { LastWrites } from '../backends/last-writes'
import { ChangeQueue } from '../changes/change-queue'
import { toChangedInfo } from '../changes/to-changed-info'
import { checkUser } from '../session/check-user'
import { freshEvent } from '../http/fresh-event'
import { GatewayError } from '../errors/gateway-error'
import type { GatewayOptions } from './gateway-options'
import type { GatewaySession } from '../session/gateway-session'
import type { ServiceParts } from '../service/service-parts'
import { readGatewaySettings } from './gateway-settings'
import type { GatewaySettings } from './gateway-settings'
import { FlexibleRateLimiter } from '../limits/flexible-rate-limiter'
import { ByteRates } from '../limits/byte-rates'
import type { ByteDirection } from '../limits/byte-rates'
import { timelyLimiter } from '../limits/timely-limiter'
import { stopEarly } from '../limits/stop-early'
import { WorkUnderWay } from '../limits/work-under-way'
import { RATE_WINDOW_S } from '../limits/rate-limiter'
import type { RateLimiter, RateLimitState } from '../limits/rate-limiter'
import { readSession } from '../session/read-session'
import { RequestsUnderWay } from '../limits/requests-under-way'
import { StreamSlots } from '../stream/stream-slots'
import { TroubleLog } from '../observe/trouble-log'
import { WarnOnce } from '../observe/warn-once'
import { WorkspaceFeeds } from '../stream/workspace-feeds'

/** The routes that are limited, and the allowances of bytes that each counts against. */
const LIMITED = { push: ['in', 'out'], pull: ['out'], cursor: ['in'], token: [] } as const satisfies Record<string, readonly ByteDirection[]>

/** What every route works with: the options with their defaults, and what requests share. */
export class GatewayContext {
  /** As given, but `backend` throws only errors that can be answered. */
  readonly options: GatewayOptions
  readonly now: () => number
  /** Checked, with their defaults. */
  readonly settings: GatewaySettings
  readonly feeds: WorkspaceFeeds
  readonly streams: StreamSlots
  readonly storeTrouble: TroubleLog
  readonly writes = new LastWrites()
  readonly requests = new RequestsUnderWay()
  readonly work: WorkUnderWay
  readonly byteRates: ByteRates
  /** What listeners of `or3-sync:changed` are to be told. Undefined: the gateway has none. */
  readonly changes: ChangeQueue | undefined
  /** The app's schema, whose checks end at the first problem. */
  readonly schema: SyncSchema
  /** What `pushBatch`, `pullPage` and `moveCursor` are called with. */
  readonly service: ServiceParts
  readonly #limiter: RateLimiter
  readonly #appTrouble: WarnOnce
  readonly #sessionTrouble: TroubleLog
  readonly #sessions = new WeakMap<H3Event, Promise<GatewaySession | null>>()

  constructor(given: GatewayOptions) {
    // Must come first: nothing else checks for missing options.
    this.settings = readGatewaySettings(given)
    this.now = given.now ?? Date.now
    this.schema = stopEarly(given.schema)
    this.changes = this.#changeQueue(given)
    const options = this.options = { ...given, backend: guardBackend(given.backend, this.writes, workspaceId => this.changes?.begin(workspaceId)) }
    const { rateLimits: { bytesIn, bytesOut }, memoryLimits, streamLimits, sliceMs } = this.settings
    this.#limiter = timelyLimiter(options.rateLimiter ?? new FlexibleRateLimiter())
    this.byteRates = new ByteRates({ limiter: this.#limiter, limits: { in: bytesIn, out: bytesOut }, logger: options.logger })
    this.work = new WorkUnderWay({ memory: memoryLimits, sliceMs })
    this.streams = new StreamSlots(streamLimits)
    this.storeTrouble = new TroubleLog('[or3-sync] the store does not answer', options.logger, this.now)
    this.#appTrouble = new WarnOnce(options.logger)
    this.#sessionTrouble = new TroubleLog('[or3-sync] the session hook does not answer', options.logger, this.now)
    this.feeds = new WorkspaceFeeds(options.backend, this.now, this.work.streams)
    const { schema, now, feeds, changes } = this
    this.service = {
      schema, backend: options.backend, now, purgeBefore: () => this.purgeBefore(), feeds, turns: this.work.turns, metrics: options.metrics,
      ...changes && { onApplied: applied => changes.add(applied) },
    }
  }

  #changeQueue({ onChanged, hasChangedListeners, logger }: GatewayOptions): ChangeQueue | undefined {
    if (!onChanged) return undefined
    return new ChangeQueue({
      tell: applied => onChanged(toChangedInfo(applied, this.schema)),
      isHeard: hasChangedListeners ?? (() => true),
      begin: () => this.requests.begin(),
      now: this.now,
      logger,
    })
  }

  /** Deletions written before this may be forgotten, in epoch milliseconds; undefined: none are. */
  purgeBefore(): number | undefined {
    const { purgeAfterDays } = this.settings
    return purgeAfterDays ? this.now() - purgeAfterDays * DAY_MS : undefined
  }

  isEnabled(): boolean {
    return this.options.enabled?.() ?? true
  }

  /** Null: nobody is signed in. The app is asked once for each request. */
  session(event: H3Event): Promise<GatewaySession | null> {
    let session = this.#sessions.get(event)
    if (!session) this.#sessions.set(event, session = this.#askSession(event))
    return session
  }

  /** @throws GatewayError 401; 409 if the request is made for another user */
  async requireSession(event: H3Event): Promise<GatewaySession> {
    const session = await this.session(event)
    if (!session) throw new GatewayError(401, 'UNAUTHORIZED', 'sign in first')
    checkUser(event, session)
    return session
  }

  /**
   * Checks membership in the workspace that THIS request names, whatever other workspaces the session has.
   *
   * @throws GatewayError 403
   */
  requireMember(session: GatewaySession, workspaceId: string, access: 'read' | 'write'): void {
    const workspace = session.workspaces.find(workspace => workspace.id === workspaceId)
    if (!workspace) throw new GatewayError(403, 'UNAUTHORIZED', 'you are not a member of this workspace')
    if (access === 'write' && workspace.role !== 'owner' && workspace.role !== 'editor') {
      throw new GatewayError(403, 'READ_ONLY', 'a viewer cannot write to this workspace')
    }
  }

  /**
   * Asks the app again who is signed in, for a request that lasts long, such as a stream.
   *
   * @throws the reason of `gone` as soon as it aborts, because nobody waits for the answer any more
   */
  async sessionNow(event: H3Event, gone: AbortSignal): Promise<GatewaySession | null> {
    return await this.#askSession(freshEvent(event), gone)
  }

  /**
   * Counts the request, and tells the client in `RateLimit-*` headers what is left.
   *
   * @throws GatewayError 429
   */
  async limitRate(event: H3Event, session: GatewaySession, route: keyof typeof LIMITED): Promise<void> {
    for (const direction of LIMITED[route]) {
      const ms = this.byteRates.waitMs(direction, session.userId)
      if (ms > 0) throw tooMany('bytes', ms)
    }
    const limit = this.settings.rateLimits[route]
    if (limit === Infinity) return
    const state = await this.#countRequest(`${route}:${session.userId}`, limit)
    if (!state) return
    const seconds = Math.max(1, Math.ceil(state.resetMs / 1_000))
    setResponseHeaders(event, {
      'ratelimit-policy': `${limit};w=${RATE_WINDOW_S}`,
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(state.remaining),
      'ratelimit-reset': String(seconds),
    })
    if (!state.allowed) throw tooMany('requests', state.resetMs)
  }

  /** Null while the limiter itself is down: then requests are served without counting. */
  async #countRequest(key: string, limit: number): Promise<RateLimitState | null> {
    try { return await this.#limiter.take(key, limit) }
    catch (error) {
      this.options.logger?.warn('[or3-sync] the rate limiter does not answer; requests are not counted', { error })
      return null
    }
  }

  async #askSession(event: H3Event, gone?: AbortSignal): Promise<GatewaySession | null> {
    const session = readSession(await this.#callSessionHook(event, gone), role => this.#appTrouble.warn(`[or3-sync] the role ${JSON.stringify(role)} of a session counts as none; accepted: owner, editor, viewer`))
    if (session?.userId !== SERVICE_SUBJECT) return session
    // To a store, this user would be the gateway itself.
    const reserved = `the user id "${SERVICE_SUBJECT}" is reserved: the app must give this user another one`
    this.#appTrouble.warn(`[or3-sync] ${reserved}`)
    throw new GatewayError(403, 'UNAUTHORIZED', reserved)
  }

  /** @throws GatewayError 503 when the hook takes too long: what it waits for may be back soon */
  async #callSessionHook(event: H3Event, gone: AbortSignal | undefined): Promise<unknown> {
    const ms = this.settings.sessionTimeoutMs
    const late = (): never => {
      const error = new GatewayError(503, 'SERVER_ERROR', `the app's session hook did not answer within ${ms / 1_000} s`, { 'retry-after': '1' })
      this.#sessionTrouble.report(error)
      throw error
    }
    try { return await inTime(Promise.resolve(this.options.session(event)), { ms, timers: looseTimers, late, signal: gone }) }
    catch (error) {
      // By an error of h3 with a status below 500 a hook refuses the request. Others are logged with each request, too, with their stack.
      const isMeant = error instanceof GatewayError || gone?.aborted || (isError(error) && error.statusCode < 500)
      if (!isMeant) this.#appTrouble.warn('[or3-sync] the session hook throws an error, and so every route answers 500; the lines "a request failed" say which')
      throw error
    }
  }
}

function tooMany(what: 'requests' | 'bytes', waitMs: number): GatewayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  return new GatewayError(429, 'RATE_LIMITED', `too many ${what}; try again in ${seconds} s`, { 'retry-after': String(seconds) })
}
