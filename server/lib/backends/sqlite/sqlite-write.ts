import { hlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { planWrite } from '#or3-sync/shared/sync/store/plan-write'
import type { WritePlan } from '#or3-sync/shared/sync/store/plan-write'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendWrite } from '../backend'
import { toWholeRow } from './sqlite-rows'
import type { WholeColumns, WorkspaceRow } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/** Reads what a write of the server's own meets, and decides it. `known`: its workspace, if there is one. Call it inside the transaction that stores the result. */
export function decideWrite(sql: SqliteStatements, known: WorkspaceRow | undefined, request: BackendWrite): WritePlan {
  const rows = new Map<string, RecordRow>()
  for (const { tableName, pk } of known ? request.edits : []) {
    const row = findRow(sql, known!.id, tableName, pk)
    if (row) rows.set(recordKey(tableName, pk), row)
  }
  const hand = known?.hand ?? null
  return planWrite({ ...request, version: known?.version ?? 0, rows, writer: hand === null ? null : { node: hlcNode(hand), hlc: hand } })
}

/** A record with its payload, also if it is deleted. */
export function findRow(sql: SqliteStatements, workspace: number, tableName: string, pk: string): RecordRow | undefined {
  const columns = sql.wholeRecord.get(workspace, tableName, pk) as unknown as WholeColumns | undefined
  return columns && toWholeRow(columns)
}
