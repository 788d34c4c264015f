import type { UserIdentity } from 'convex/server'
import type { JSONValue } from 'convex/values'
import type { Deployment } from './deployment'
import { overlaps, type ReadRange, type WrittenDocument } from './read-set'
import type { QueryChange, StateModification } from './wire-messages'

interface SubscribedQuery {
  path: string
  args: JSONValue
  reads: readonly ReadRange[]
  /** What was sent last. */
  sent: string | null
}

/** The queries one socket follows. Each runs again only when a commit touched what it read; equal results are not sent. */
export class SubscribedQueries {
  readonly #queries = new Map<number, SubscribedQuery>()

  constructor(private readonly deployment: Deployment) {}

  async change(changes: readonly QueryChange[], identity: Partial<UserIdentity> | null): Promise<StateModification[]> {
    const modifications: StateModification[] = []
    for (const change of changes) {
      if (change.type === 'Remove') {
        this.#queries.delete(change.queryId)
        modifications.push({ type: 'QueryRemoved', queryId: change.queryId })
      }
      else {
        const query: SubscribedQuery = { path: change.udfPath, args: change.args[0] ?? {}, reads: [], sent: null }
        this.#queries.set(change.queryId, query)
        modifications.push(...await this.#run(change.queryId, query, identity))
      }
    }
    return modifications
  }

  /** After these writes; without them (somebody else is asking now), all run again. */
  async refresh(identity: Partial<UserIdentity> | null, writes?: readonly WrittenDocument[]): Promise<StateModification[]> {
    const modifications: StateModification[] = []
    for (const [queryId, query] of this.#queries) {
      if (!writes || overlaps(query.reads, writes)) modifications.push(...await this.#run(queryId, query, identity))
    }
    return modifications
  }

  async #run(queryId: number, query: SubscribedQuery, identity: Partial<UserIdentity> | null): Promise<StateModification[]> {
    const { outcome, reads } = await this.deployment.query(query.path, query.args, identity)
    query.reads = reads
    const modification: StateModification = outcome.ok
      ? { type: 'QueryUpdated', queryId, value: outcome.value, logLines: [], journal: null }
      : { type: 'QueryFailed', queryId, errorMessage: outcome.message, ...(outcome.data === undefined ? {} : { errorData: outcome.data }), logLines: [], journal: null }
    const text = JSON.stringify(modification)
    if (text === query.sent) return []
    query.sent = text
    return [modification]
  }
}
