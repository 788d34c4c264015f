/** A revision as devices report it: clock, HLC, op id, and for a put the group that the row names. */
export type SeenRevision = [clock: number, hlc: string, opId: string, group?: string]

/** What a device did, in its own order. `record` is `table/pk`. `isConsistent`: `status.consistent` was true before and after. */
export type DeviceEvent = WriteEvent | ReadEvent

/** One transaction of 1 to 5 edits, once it has committed. Its reads came before its writes. */
export interface WriteEvent {
  kind: 'write'
  /** Epoch milliseconds of the machine, without the steps of the device's clock. */
  at: number
  isConsistent: boolean
  group: string
  reads: [record: string, revision: SeenRevision | null][]
  writes: [record: string, revision: SeenRevision, isDelete: boolean][]
  /** See `ReadEvent`; of the records that were read. */
  quarantined: string[]
}

/** One transaction that read the whole database. */
export interface ReadEvent {
  kind: 'read'
  at: number
  isConsistent: boolean
  changes: [record: string, revision: SeenRevision | null][]
  /** True: `changes` has all records that exist. False: those that are different from what this device last reported. */
  isFull: boolean
  /** Records with a change in quarantine: nothing is promised of them to this reader. */
  quarantined: string[]
}

/** A row or tombstone as it is at the end. */
export interface DumpedRecord {
  record: string
  opId: string
  /** The row without the engine's columns. Null: deleted. */
  row: Record<string, unknown> | null
}

/** What a device holds when everything has come to rest. */
export interface DeviceDump {
  name: string
  rows: DumpedRecord[]
  /** Both sides of each conflict that the device keeps: the record, and the op id and the group (of a put) of a side. */
  conflicts: { record: string, opId: string, group?: string }[]
  pending: number
  failed: number
  quarantined: number
  isConsistent: boolean
  cursor: number
}
