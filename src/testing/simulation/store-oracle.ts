import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { ChangeStamp, SyncOperation } from '#or3-sync/shared/sync/protocol/types'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { BackendPush, BackendPushOutcome, BackendWrite, BackendWriteOutcome, SyncBackend } from 'or3-sync/server'
import { passOn } from '../pass-on'

/** One record as the store must hold it. */
export interface OracleRow {
  tableName: string
  pk: string
  op: SyncOperation
  payload: Record<string, unknown> | null
  stamp: ChangeStamp
  serverVersion: number
}

interface OracleWorkspace { version: number, rows: Map<string, OracleRow> }

/** Watches a store from outside: it remembers every request and answer, and so knows what the store must hold. */
export class StoreOracle {
  #workspaces = new Map<string, OracleWorkspace>()
  applied = 0
  refused = 0
  repeated = 0
  /** Called with the payload of every put that reaches the store, applied or not. */
  onArrived: (payload: Record<string, unknown>) => void = () => {}
  /** Called with every op that the store applied. `userId` null: the server itself wrote it. */
  onApplied: (at: { workspaceId: string, userId: string | null }, row: OracleRow) => void = () => {}
  /** Called with an op that the store refused for itself, and not for its clock. */
  onRefused: (workspaceId: string, op: PushItem) => void = () => {}
  /** Called with each answer to a write of the server's own, before anything else is. `stored`: what the store had before. `rows`: what it has written. */
  onDecided: (request: BackendWrite, outcome: BackendWriteOutcome, change: { stored: ReadonlyMap<string, OracleRow>, rows: readonly OracleRow[] }) => void = () => {}
  /** Called with everything that the store applied in one transaction. */
  onCommitted: (workspaceId: string, rows: readonly OracleRow[]) => void = () => {}

  version(workspaceId: string): number {
    return this.#workspace(workspaceId).version
  }

  rows(workspaceId: string): ReadonlyMap<string, OracleRow> {
    return this.#workspace(workspaceId).rows
  }

  /** Remembers this moment. @returns a function that returns to it. The caller restores the store itself. */
  remember(): () => void {
    const saved = structuredClone(this.#workspaces)
    return () => { this.#workspaces = structuredClone(saved) }
  }

  /** Returns the same store, watched by this oracle. */
  observe(backend: SyncBackend): SyncBackend {
    return {
      ...passOn(backend),
      push: async (request) => {
        for (const item of request.items) if (item.kind === 'op' && item.payload !== null) this.onArrived(JSON.parse(item.payload) as Record<string, unknown>)
        const outcome = await backend.push(request)
        this.#note(request, outcome)
        return outcome
      },
      write: async (request) => {
        const outcome = await backend.write(request)
        this.#noteWrite(request, outcome)
        return outcome
      },
    }
  }

  #note(request: BackendPush, outcome: BackendPushOutcome): void {
    if (outcome.status !== 'pushed') return
    const workspace = this.#workspace(request.workspaceId)
    workspace.version = outcome.serverVersion
    const rows: OracleRow[] = []
    request.items.forEach((item, index) => {
      const result = outcome.results[index]
      if (item.kind !== 'op' || !result?.success) {
        this.refused++
        if (result && result.errorCode !== 'CLOCK_SKEW') this.onRefused(request.workspaceId, item)
        return
      }
      if (result.replayed) this.repeated++
      if (!result.applied || result.replayed || result.serverVersion === undefined) return
      this.applied++
      const { tableName, pk, op, stamp } = item
      const payload = item.payload === null ? null : JSON.parse(item.payload) as Record<string, unknown>
      const row: OracleRow = { tableName, pk, op, payload, stamp, serverVersion: result.serverVersion }
      workspace.rows.set(recordKey(tableName, pk), row)
      this.onApplied(request, row)
      rows.push(row)
    })
    if (rows.length) this.onCommitted(request.workspaceId, rows)
  }

  #noteWrite(request: BackendWrite, outcome: BackendWriteOutcome): void {
    const { workspaceId } = request
    const workspace = this.#workspace(workspaceId)
    const writes = outcome.ok ? outcome.writes : []
    const rows = writes.map(({ payload, ...row }): OracleRow => ({ ...row, payload: payload === null ? null : JSON.parse(payload) as Record<string, unknown> }))
    this.onDecided(request, outcome, { stored: workspace.rows, rows })
    if (!outcome.ok || !rows.length) return
    workspace.version = outcome.version
    for (const row of rows) {
      this.applied++
      workspace.rows.set(recordKey(row.tableName, row.pk), row)
      this.onApplied({ workspaceId, userId: null }, row)
    }
    this.onCommitted(workspaceId, rows)
  }

  #workspace(id: string): OracleWorkspace {
    let workspace = this.#workspaces.get(id)
    if (!workspace) this.#workspaces.set(id, workspace = { version: 0, rows: new Map() })
    return workspace
  }
}
