import type { DeviceDump } from '../device/device-events.ts'
import type { RecordedHistory, RecordedWrite } from './recorded-history.ts'
import type { StoredRecord } from './read-store.ts'

/**
 * Looks for edits that were lost. An edit is kept when it is in the store, when an edit that was made upon it is kept, or when a conflict of
 * some device keeps it. A delete has no content to lose. Edits are told apart by record and group, because an edit may be stamped anew.
 *
 * @returns one sentence for each edit that is lost
 */
export function checkKept({ sessions, stampedAnew }: RecordedHistory, store: ReadonlyMap<string, StoredRecord>, dumps: readonly DeviceDump[]): string[] {
  const kept = new Set([...store].flatMap(([record, { row }]) => row ? [`${record} ${String(row.group)}`] : []))
  for (const { record, group } of dumps.flatMap(({ conflicts }) => conflicts)) if (group !== undefined) kept.add(`${record} ${group}`)
  const lost: string[] = []
  for (const [record, edits] of editsByRecord(sessions)) {
    // Newest first: what an edit was made upon comes before it in its device's order, and has a lower clock.
    edits.sort((a, b) => b.write.revision.clock - a.write.revision.clock)
    const keptOps = new Set<string>()
    for (const { write, base } of edits) {
      if (!write.isDelete && !kept.has(`${record} ${write.label}`) && !keptOps.has(write.revision.opId)) {
        lost.push(`${record}@${write.revision.clock} of ${write.label} is not in the store, nothing that was kept was made upon it, and no conflict keeps it`)
        continue
      }
      if (base !== null) keptOps.add(stampedAnew.get(base) ?? base)
    }
  }
  return lost
}

interface Edit {
  write: RecordedWrite
  /** The op id of the revision that the edit replaced. Null: there was none. */
  base: string | null
}

function editsByRecord(sessions: RecordedHistory['sessions']): Map<string, Edit[]> {
  const edits = sessions.flatMap(({ transactions }) => transactions).flatMap(({ reads, writes }) =>
    writes.map((write): Edit => ({ write, base: reads.get(write.record)?.opId ?? null })))
  return Map.groupBy(edits, ({ write }) => write.record)
}
