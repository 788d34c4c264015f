import type { QueryPlan } from './query-plan'

/** What the store answered to a query of a page. */
export interface PageAnswer {
  /** By `QueryPlan.result`: local rows with their engine columns, a number, or a row or undefined. */
  value: unknown
  /** The workspace's version that the answer shows. */
  version: number
  epoch: string
}

/** Reads for one request, as the user who made it. The server makes one for each page that it renders. */
export interface PageReader {
  userId: string
  workspaceId: string
  /** @throws Error when the store does not answer in time, or when the query would read too much */
  read(plan: QueryPlan): Promise<PageAnswer>
}

/** `event.context.or3Sync` of a request for a page: how the Vue app that is rendered there reaches the gateway in the same process. */
export interface PageContext {
  /** Null: sync is off, or nobody is signed in, or the user has no workspace. The session is asked for once per request. */
  reader(): Promise<PageReader | null>
}
