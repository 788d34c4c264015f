import { percentile } from '../../bench/statistics.ts'
import { Ledger } from './ledger.ts'
import { Pusher } from './pusher.ts'
import type { ServerProcess } from './server-process.ts'
import { Subscriber } from './subscriber.ts'

/** How long it may take until all subscribers have every acknowledged edit, in milliseconds. */
const PATIENCE_MS = 60_000

/** One load test: subscribers in many workspaces, one pusher, and a ledger of what both have seen. */
export class LoadRun {
  readonly ledger = new Ledger()
  readonly pusher: Pusher
  readonly #subscribers: Subscriber[]
  readonly #server: ServerProcess
  readonly #workspaces: string[]

  constructor(server: ServerProcess, { subscribers, workspaces }: { subscribers: number, workspaces: number }) {
    this.#server = server
    this.#workspaces = Array.from({ length: workspaces }, (_, index) => `workspace-${index}`)
    this.pusher = new Pusher(this.#workspaces, () => server.port, this.ledger)
    this.#subscribers = Array.from({ length: subscribers }, (_, index) => {
      const workspace = this.#workspaces[index % workspaces]!
      return new Subscriber(workspace, `${workspace}.${index}`, () => server.port, this.ledger)
    })
  }

  /** Opens all streams, and prints what they cost the server. */
  async connect(): Promise<void> {
    // One after the other, because many at once would need memory for connecting, and only open streams are to be measured.
    const before = await this.#server.measure()
    for (const subscriber of this.#subscribers) {
      subscriber.connect()
      await waitFor(() => subscriber.connected)
    }
    const after = await this.#server.measure()
    const perStream = (after.memory - before.memory) / after.streams / 1024
    print(`${after.streams} streams over ${this.#workspaces.length} workspaces: ${perStream.toFixed(1)} KiB resident memory each (${mebibytes(before.memory)} -> ${mebibytes(after.memory)})\n`)
  }

  /** Waits until everything is acknowledged and delivered, and prints the results. @returns whether nothing is missing. */
  async conclude(title: string): Promise<boolean> {
    await waitFor(() => this.pusher.waiting === 0)
    await waitFor(() => this.#missed() === 0)
    const { ledger } = this
    const missed = this.#missed()
    const stored = await this.readStore()
    const { memory } = await this.#server.measure()
    const refused = [...ledger.refused].map(([why, count]) => `${count} ${why}`).join(', ') || 'none'
    print(`${title}\n`
      + `  ${ledger.pushMs.length} pushes acknowledged, ${this.pusher.waiting} never; refused on the way: ${refused}\n`
      + `  push: p50 ${ms(ledger.pushMs, 0.5)}, p99 ${ms(ledger.pushMs, 0.99)}\n`
      + `  ${ledger.deliveries} deliveries, ${missed} missed; push to reader: p50 ${ms(ledger.deliveryMs, 0.5)}, p99 ${ms(ledger.deliveryMs, 0.99)}\n`
      + `  every acknowledged record is in the store: ${stored}; server ${mebibytes(memory)}\n`)
    const good = this.pusher.waiting === 0 && missed === 0 && stored
    ledger.resetTimes()
    return good
  }

  /** Reads the store again. @returns whether it has every acknowledged record. */
  async readStore(): Promise<boolean> {
    for (const workspaceId of this.#workspaces) {
      const stored = new Set<string>()
      for (let cursor = 0, hasMore = true; hasMore;) {
        const response = await fetch(`http://127.0.0.1:${this.#server.port}/api/sync/pull`, {
          method: 'POST', headers: { 'content-type': 'application/json', 'x-user': `${workspaceId}.reader` }, body: JSON.stringify({ scope: { workspaceId }, cursor, limit: 2_000 }),
        })
        const page = await response.json() as { changes: { pk: string }[], nextCursor: number, hasMore: boolean }
        for (const { pk } of page.changes) stored.add(pk)
        ;({ nextCursor: cursor, hasMore } = page)
      }
      if (this.ledger.missing(workspaceId, stored).length > 0) return false
    }
    return true
  }

  async stop(): Promise<void> {
    for (const subscriber of this.#subscribers) subscriber.stop()
    this.pusher.close()
    await this.#server.kill()
  }

  #missed(): number {
    return this.#subscribers.reduce((sum, { workspace, received }) => sum + this.ledger.missing(workspace, received).length, 0)
  }
}

async function waitFor(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!holds() && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
}

function ms(values: number[], share: number): string {
  return values.length ? `${percentile(values, share).toFixed(1)} ms` : '-'
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}

function print(text: string): void {
  process.stdout.write(text)
}
