import type { DeviceEvent, SeenRevision, WriteEvent } from './device-events.ts'

/** Notes what a device reads and writes. Of a read only what has changed is kept: most records are as they were. */
export class EventRecorder {
  #events: DeviceEvent[] = []
  /** Each record as the last event has shown it, by op id. */
  #shown: Map<string, string> | null = null

  wrote(event: Omit<WriteEvent, 'kind' | 'at'>): void {
    this.#events.push({ kind: 'write', at: Date.now(), ...event })
    for (const [record, revision] of [...event.reads, ...event.writes]) this.#show(record, revision)
  }

  /** `state`: all records of the database, rows and tombstones. `quarantined`: records with a change in quarantine. */
  read(state: ReadonlyMap<string, SeenRevision>, quarantined: string[], isConsistent: boolean): void {
    const shown = this.#shown
    const changes: [string, SeenRevision | null][] = [...state].filter(([record, [, , opId]]) => shown?.get(record) !== opId)
    for (const record of shown?.keys() ?? []) if (!state.has(record)) changes.push([record, null])
    this.#events.push({ kind: 'read', at: Date.now(), isConsistent, changes, isFull: shown === null, quarantined })
    this.#shown = new Map([...state].map(([record, [, , opId]]) => [record, opId]))
  }

  /** Returns the events since the last call. */
  take(): DeviceEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  #show(record: string, revision: SeenRevision | null): void {
    if (revision) this.#shown?.set(record, revision[2])
    else this.#shown?.delete(record)
  }
}
