import type { Revision } from '../../../src/runtime/shared/sync/protocol/revision.ts'
import type { DeviceEvent, SeenRevision } from '../device/device-events.ts'
import type { RecordedHistory, RecordedSession, RecordedTransaction, RecordedWrite } from './recorded-history.ts'

/** Makes one history of what the devices have reported. */
export function buildHistory(devices: readonly { name: string, events: readonly DeviceEvent[] }[]): RecordedHistory {
  const revisions = new Map<string, Revision>()
  // One object for each revision: a long run reads the same ones millions of times.
  const toRevision = ([clock, hlc, opId]: SeenRevision): Revision => {
    let revision = revisions.get(opId)
    if (!revision) revisions.set(opId, revision = { clock, hlc, opId })
    return revision
  }
  const sessions = devices.map(({ name, events }) => buildSession(name, events, toRevision))
  return { sessions, ...findStampedAnew(sessions, devices.flatMap(({ events }) => events)) }
}

function buildSession(name: string, events: readonly DeviceEvent[], toRevision: (seen: SeenRevision) => Revision): RecordedSession {
  /** The records that exist for this device, as its last event has shown them. */
  const existing = new Set<string>()
  const toReads = (seen: readonly [string, SeenRevision | null][]) => new Map(seen.map(([record, revision]) => [record, revision && toRevision(revision)]))
  const transactions = events.map((event): RecordedTransaction => {
    const { at, isConsistent } = event
    const excepted = new Set(event.quarantined)
    if (event.kind === 'write') {
      const writes = event.writes.map(([record, revision, isDelete]): RecordedWrite => ({ record, revision: toRevision(revision), isDelete, label: event.group }))
      for (const { record } of writes) existing.add(record)
      return { at, isConsistent, readsAll: false, reads: toReads(event.reads), writes, excepted }
    }
    const reads = toReads(event.changes)
    // A full list does not name what has gone.
    if (event.isFull) for (const record of existing) if (!reads.has(record)) reads.set(record, null)
    for (const [record, revision] of reads) {
      if (revision) existing.add(record)
      else existing.delete(record)
    }
    return { at, isConsistent, readsAll: true, reads, writes: [], excepted }
  })
  return { name, transactions }
}

/**
 * The engine stamps an edit anew after some answers (a clock far ahead; a create that met an older delete). Then revisions are read that no
 * transaction wrote. Finds the op ids of both the new revisions and the ones that they replaced.
 */
function findStampedAnew(sessions: readonly RecordedSession[], events: readonly DeviceEvent[]): Pick<RecordedHistory, 'excepted' | 'stampedAnew'> {
  const writes = new Map<string, RecordedWrite & { node: string }>()
  for (const write of sessions.flatMap(({ transactions }) => transactions.flatMap(tx => tx.writes))) {
    const known = { ...write, node: nodeOf(write.revision.hlc) }
    writes.set(write.revision.opId, known)
  }
  const byRecord = Map.groupBy(writes.values(), ({ record }) => record)
  const excepted = new Set<string>()
  const stampedAnew = new Map<string, string>()
  for (const event of events) {
    for (const [record, seen] of event.kind === 'write' ? event.reads : event.changes) {
      if (!seen || writes.has(seen[2])) continue
      excepted.add(seen[2])
      const original = originalOf(byRecord.get(record) ?? [], seen)
      if (!original) continue
      excepted.add(original.revision.opId)
      stampedAnew.set(seen[2], original.revision.opId)
    }
  }
  return { excepted, stampedAnew }
}

/** The write that has got this revision instead of its own: of a put the one of the same group, of a delete the same node's last one before. */
function originalOf(writes: readonly (RecordedWrite & { node: string })[], [clock, hlc, , group]: SeenRevision): RecordedWrite | undefined {
  if (group !== undefined) return writes.find(({ label }) => label === group)
  return writes.filter(({ isDelete, node, revision }) => isDelete && node === nodeOf(hlc) && revision.clock < clock).sort((a, b) => b.revision.clock - a.revision.clock)[0]
}

function nodeOf(hlc: string): string {
  return hlc.slice(hlc.lastIndexOf(':') + 1)
}
