import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import type { SyncChange } from '../../../shared/sync/types'
import { applyTransaction } from '../database/apply-transaction'
import type { BootstrapState, CursorState } from '../database/engine-records'
import type { EngineContext } from '../engine-context'
import { OutboxView } from '../outbox/outbox-view'
import { recordKey } from '../record-key'
import type { ConflictResolver, MergeOutcome } from './conflict-resolver'
import type { CursorManager } from './cursor-manager'
import type { RecentOpCache } from './recent-op-cache'
import { readRemoteChanges } from './remote-change'

export interface ApplyOptions {
  /** New position, stored with the changes. */
  cursor?: Partial<Omit<CursorState, 'id'>>
  /** New state of a bootstrap, stored with the changes; null: it is over. */
  bootstrap?: BootstrapState | null
}

export interface ChangeApplierOptions {
  context: EngineContext
  resolver: ConflictResolver
  cursors: CursorManager
  echoes: RecentOpCache
  /** Waits until the fate of our own pushes of these records is known. */
  pushesSettled: (keys: Iterable<string>) => Promise<void>
  onApplied: (outcome: MergeOutcome) => void
}

/**
 * Applies pages, one at a time. Changes, conflicts and the new cursor of a page commit together, so that the cursor never
 * passes a change that was neither applied nor quarantined.
 */
export class ChangeApplier {
  #queue: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: ChangeApplierOptions) {}

  apply(changes: readonly SyncChange[], options: ApplyOptions = {}): Promise<MergeOutcome> {
    const turn = this.#queue.then(() => this.#apply(changes, options))
    this.#queue = turn.catch(() => {})
    return turn
  }

  /** Resolves when everything handed in so far is applied or has failed. */
  async idle(): Promise<void> {
    await this.#queue
  }

  async #apply(changes: readonly SyncChange[], { cursor, bootstrap }: ApplyOptions): Promise<MergeOutcome> {
    const { context, resolver, cursors, echoes } = this.options
    const foreign = changes.filter(change => !echoes.isEcho(change))
    const remote = readRemoteChanges(context, foreign)
    for (const change of remote) context.hlc.receive(change.stamp.hlc)
    if (remote.length) await this.options.pushesSettled(remote.map(change => recordKey(change.tableName, change.pk)))

    const names = new Set(remote.map(change => change.tableName))
    const tables = names.size
      ? [...names, ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.conflicts, ENGINE_TABLES.quarantine, ENGINE_TABLES.state]
      : [ENGINE_TABLES.state]
    const { outcome, state } = await applyTransaction(context.db, tables, async () => {
      let outcome: MergeOutcome = { applied: 0, skipped: changes.length, conflicts: [] }
      if (remote.length) {
        const view = new OutboxView(await context.db.pending_ops.toArray())
        outcome = await resolver.merge(remote, view)
        outcome.skipped += changes.length - remote.length
        await view.save(context.db)
      }
      const last = context.hlc.last()
      if (remote.length && last) await context.db.sync_state.put({ id: 'hlc', hlc: last })
      if (bootstrap) await context.db.sync_state.put(bootstrap)
      else if (bootstrap === null) await context.db.sync_state.delete('bootstrap')
      return { outcome, state: await cursors.write({ lastSyncAt: context.env.clock.now(), ...cursor }, { mayGoBack: bootstrap === null }) }
    })
    cursors.committed(state)
    const { hooks, scope } = context
    if (changes.length) hooks.doAction('sync.pull:action:applied', { scope, applied: outcome.applied, skipped: outcome.skipped, conflicts: outcome.conflicts.length })
    for (const { tableName, pk, local, remote: other, winner } of outcome.conflicts) {
      hooks.doAction('sync.conflict:action:detected', { tableName, pk, local, remote: other, winner })
    }
    this.options.onApplied(outcome)
    return outcome
  }
}
