import { randomUUID } from 'node:crypto'
import type { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'
import { WORKSPACE } from '../workspace.ts'
import type { Push, PowerLedger } from './power-ledger.ts'

const RECORDS = 30
const MAX_TEXT = 3_000

export interface PowerWriterParts {
  /** 8 lower-case letters or digits, different for each writer: its user, and the node of its HLCs. */
  name: string
  port: () => number
  ledger: PowerLedger
  random: SeededRandom
}

/** Pushes groups of 1 to 5 new revisions of its own records, one push after the other, until no answer comes. */
export class PowerWriter {
  readonly #parts: PowerWriterParts
  #lastMs = 0

  constructor(parts: PowerWriterParts) {
    this.#parts = parts
  }

  /** Resolves when the server is gone. @throws Error when it refuses an op */
  async run(): Promise<void> {
    for (;;) {
      const push = this.#newPush()
      const version = await this.#send(push)
      this.#parts.ledger.add({ ...push, version })
      if (version === null) return
    }
  }

  #newPush(): Push {
    const { ledger, random, name } = this.#parts
    const records: Push['records'] = new Map()
    for (let count = random.between(1, 5); count > 0; count--) {
      const key = `${random.pick(['threads', 'messages'])}/${name}-${random.between(1, RECORDS)}`
      records.set(key, { clock: ledger.nextClock(key), opId: randomUUID() })
    }
    return { records, version: null }
  }

  /** @returns the answer's server version; null: no answer */
  async #send({ records }: Push): Promise<number | null> {
    const { name, port, random } = this.#parts
    // One more than the last, so that HLCs rise even within a millisecond.
    this.#lastMs = Math.max(Date.now(), this.#lastMs + 1)
    const hlc = `${this.#lastMs.toString(36).padStart(9, '0')}:0000:${name}`
    const ops = [...records].map(([key, { clock, opId }]) => {
      const [tableName, pk] = key.split('/')
      const payload = { id: pk, group: `${name}-${this.#lastMs}`, number: clock, text: 'x'.repeat(random.between(10, MAX_TEXT)) }
      return { tableName, pk, operation: 'put', payload, stamp: { deviceId: name, opId, hlc, clock } }
    })
    let reply: { results: { success: boolean, applied?: boolean, error?: string }[], serverVersion: number }
    try {
      const response = await fetch(`http://127.0.0.1:${port()}/api/sync/push`, {
        method: 'POST', headers: { 'content-type': 'application/json', 'x-user': name }, body: JSON.stringify({ scope: { workspaceId: WORKSPACE }, ops }),
      })
      if (response.status !== 200) return null
      reply = await response.json() as typeof reply
    }
    catch { return null }
    const refused = reply.results.find(({ success, applied }) => !success || !applied)
    if (refused) throw new Error(`the store refused an op of ${name}: ${JSON.stringify(refused)}`)
    return reply.serverVersion
  }
}
