import { getCookie, getResponseHeader, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { PageAnswer, PageReader } from '#or3-sync/shared/sync/query/page-reader'
import { planKey } from '#or3-sync/shared/sync/query/plan-key'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { WORKSPACE_COOKIE } from '#or3-sync/shared/sync/query/workspace-cookie'
import { looseTimers } from '#or3-sync/shared/sync/waiting/timers'
import type { Timers } from '#or3-sync/shared/sync/waiting/timers'
import { untilAborted } from '#or3-sync/shared/sync/waiting/until-aborted'
import type { GatewayContext } from '../context/gateway-context'
import { TroubleLog } from '../observe/trouble-log'
import { checkPlan } from '../service/check-plan'
import { findRows } from '../service/find-rows'
import type { GatewaySession } from '../session/gateway-session'

/** A page waits this long for the session and for all its queries together, in milliseconds. */
export const PAGE_READ_MS = 2_000

/** Gives each request for a page the reader that its queries are answered by. */
export class PageReads {
  readonly #readers = new WeakMap<H3Event, Promise<PageReader | null>>()
  readonly #trouble: TroubleLog

  constructor(private readonly context: GatewayContext, private readonly timers: Timers = looseTimers) {
    this.#trouble = new TroubleLog('[or3-sync] a page was rendered without some of its rows', context.options.logger, context.now)
  }

  /** Null: sync is off, or nobody is signed in, or the user has no workspace, or the app's session does not answer. Never throws. */
  readerOf(event: H3Event): Promise<PageReader | null> {
    let reader = this.#readers.get(event)
    if (!reader) this.#readers.set(event, reader = this.#makeReader(event))
    return reader
  }

  async #makeReader(event: H3Event): Promise<PageReader | null> {
    if (!this.context.isEnabled()) return null
    const late = new AbortController()
    this.timers.setTimeout(() => late.abort(new SyncError('SERVER_ERROR', `the queries of this page were not answered within ${PAGE_READ_MS / 1_000} s`)), PAGE_READ_MS)
    try {
      const session = await untilAborted(this.context.session(event), late.signal)
      const workspaceId = session && chooseWorkspace(event, session)
      return workspaceId ? this.#readerFor(event, session, workspaceId, late.signal) : null
    }
    catch (error) {
      this.#trouble.report(error)
      return null
    }
  }

  #readerFor(event: H3Event, session: GatewaySession, workspaceId: string, signal: AbortSignal): PageReader {
    const answers = new Map<string, Promise<PageAnswer>>()
    const { userId } = session
    const read = async (plan: QueryPlan): Promise<PageAnswer> => {
      try {
        const answer = await untilAborted(findRows(this.context.service, { workspaceId, userId, session, plan, signal }), signal)
        keepPrivate(event)
        return answer
      }
      catch (error) {
        this.#trouble.report(error)
        throw error
      }
    }
    const keyOf = (plan: QueryPlan): string => {
      try {
        // First, because only a well-formed plan has a key of its own.
        checkPlan(plan, this.context.service.schema)
        return planKey(plan)
      }
      catch (error) {
        this.#trouble.report(error)
        throw error
      }
    }
    return {
      userId,
      workspaceId,
      async read(plan) {
        const key = keyOf(plan)
        let answer = answers.get(key)
        if (!answer) answers.set(key, answer = read(plan))
        return await answer
      },
    }
  }
}

/** The workspace that the browser has opened last, if the user is (still) a member there, else the first. The cookie gives no rights. */
function chooseWorkspace(event: H3Event, { workspaces }: GatewaySession): string | undefined {
  const last = getCookie(event, WORKSPACE_COOKIE)
  return (workspaces.find(({ id }) => id === last) ?? workspaces[0])?.id
}

/** No cache between server and browser may keep a page with a user's rows. What the app has set itself stays. */
function keepPrivate(event: H3Event): void {
  if (event.node.res.headersSent || getResponseHeader(event, 'cache-control') !== undefined) return
  setResponseHeader(event, 'cache-control', 'private, no-cache')
}
