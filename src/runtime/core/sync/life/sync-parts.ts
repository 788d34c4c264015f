import { PULL_MAX_LIMIT } from '../../../shared/sync/protocol/limits'
import type { EngineContext, PageContext } from '../context/engine-context'
import { nameTables } from '../context/name-tables'
import { nameUser } from '../context/name-user'
import { ConflictActions } from '../face/conflict-actions'
import { RecordWatch } from '../face/record-watch'
import { RefusedEdits } from '../face/refused-edits'
import { RowStates } from '../face/row-states'
import { collectDiagnostics, type EngineState, type SyncDiagnostics } from '../face/sync-diagnostics'
import { SyncedWaits } from '../face/synced-waits'
import { HeardMarks } from '../progress/heard-marks'
import { OutboxStore } from '../queue/outbox-store'
import { CaughtUpCalls } from '../tabs/caught-up-calls'
import { CircuitBreaker, guardProvider, type GuardedProvider } from '../transport/circuit-breaker'
import { LINK_SIZE, RequestSize } from '../transport/request-size'
import { askStore } from './ask-store'
import type { Leader } from './leader'

export interface SyncPartsOptions {
  page: PageContext
  leader: Pick<Leader, 'sending' | 'push' | 'lookAgain' | 'isHere' | 'whenLevel' | 'tell'>
  isRunning: () => boolean
}

/** What an engine has once the code for syncing is here, whether or not its tab leads. */
export class SyncParts {
  readonly context: EngineContext
  readonly watch: RecordWatch
  readonly rows: RowStates
  readonly synced: SyncedWaits
  readonly refused: RefusedEdits
  readonly conflicts: ConflictActions
  readonly caughtUp: CaughtUpCalls

  constructor({ page, leader, isRunning }: SyncPartsOptions) {
    const context = this.context = completeContext(page)
    const watch = this.watch = new RecordWatch({ context, sending: () => leader.sending.keys })
    this.rows = new RowStates({ context, watch, onWatched: () => leader.sending.watch() })
    this.synced = new SyncedWaits({ context, watch, isRunning })
    this.refused = new RefusedEdits({ context, onChanged: () => leader.push(true), onLookAgain: () => leader.lookAgain() })
    this.conflicts = new ConflictActions(page.db, page.schema)
    this.caughtUp = new CaughtUpCalls({ env: page.env, isLeader: () => leader.isHere, whenLevel: () => leader.whenLevel(), tell: message => leader.tell(message) })
  }

  /** Lets the circuit breakers send a probe: earlier failures may be out of date. */
  allowProbes(): void {
    const { push, pull } = this.context.breakers
    push.allowProbe()
    pull.allowProbe()
  }

  /** See {@link askStore}. */
  async askStore(): Promise<number | undefined> {
    return await askStore(this.context)
  }

  async diagnostics(state: Omit<EngineState, 'breakers'>): Promise<SyncDiagnostics> {
    const { push, pull } = this.context.breakers
    return await collectDiagnostics(this.context, { ...state, breakers: { push: push.waitMs, pull: pull.waitMs } })
  }
}

function completeContext(page: PageContext): EngineContext {
  const { connection, user, ...shared } = page
  const { db, schema, env: { clock } } = page
  const breakers = { push: new CircuitBreaker(clock.now), pull: new CircuitBreaker(clock.now) }
  let connected: ReturnType<PageContext['connection']>
  let provider: GuardedProvider
  return {
    ...shared, breakers,
    get provider() {
      const current = connection()
      if (connected !== current) provider = guardProvider(nameTables(nameUser(current.provider, user), schema), breakers, clock)
      connected = current
      return provider
    },
    outbox: new OutboxStore(db),
    heard: new HeardMarks(),
    storeLimits: {},
    pageSize: new RequestSize({ max: PULL_MAX_LIMIT, ...LINK_SIZE }),
  }
}
