import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import type { Ledger } from './ledger.ts'

const TEXT = 'a row of a few hundred bytes, as an app would have it. '.repeat(5)
const RETRY_MS = 250

/** Pushes new records at a steady rate, one at a time, to one workspace after the other. A push without an acknowledgement is sent again. */
export class Pusher {
  readonly #workspaces: readonly string[]
  readonly #port: () => number
  readonly #ledger: Ledger
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 })
  #sent = 0
  /** How many pushes have no acknowledgement yet. */
  waiting = 0

  constructor(workspaces: readonly string[], port: () => number, ledger: Ledger) {
    this.#workspaces = workspaces
    this.#port = port
    this.#ledger = ledger
  }

  /** Sends `rate` pushes a second for `seconds`. It does not wait for the last answers. */
  async run(rate: number, seconds: number): Promise<void> {
    const startedAt = performance.now()
    for (let sent = 0; sent < rate * seconds;) {
      const due = Math.min(rate * seconds, Math.floor((performance.now() - startedAt) / 1_000 * rate))
      for (; sent < due; sent++) void this.#push()
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #push(): Promise<void> {
    const number = this.#sent++
    const workspace = this.#workspaces[number % this.#workspaces.length]!
    const pk = `post-${number}`
    const sentAt = performance.now()
    const stamp = { deviceId: `pusher-${workspace}`, opId: randomUUID(), hlc: `${Date.now().toString(36).padStart(9, '0')}:0000:loadtest`, clock: 1 }
    const body = JSON.stringify({ scope: { workspaceId: workspace }, ops: [{ tableName: 'posts', operation: 'put', pk, payload: { id: pk, text: TEXT, sentAt }, stamp, base: null }] })
    this.waiting++
    for (;;) {
      const outcome = await this.#post(`${workspace}.pusher`, body)
      if (outcome === 'acknowledged') break
      this.#ledger.refuse(outcome)
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
    this.waiting--
    this.#ledger.acknowledge(workspace, pk, performance.now() - sentAt)
  }

  /** @returns `acknowledged`, or the reason why it is not. */
  #post(user: string, body: string): Promise<string> {
    return new Promise((resolve) => {
      const headers = { 'x-user': user, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sending = request({ host: '127.0.0.1', port: this.#port(), path: '/api/sync/push', method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => { text += chunk })
        response.on('end', () => {
          if (response.statusCode !== 200) return resolve(String(response.statusCode))
          const [result] = (JSON.parse(text) as { results: { success: boolean, applied?: boolean, errorCode?: string }[] }).results
          resolve(result?.success && result.applied ? 'acknowledged' : result?.errorCode ?? 'lost')
        })
        response.on('error', () => resolve('cut off'))
      })
      sending.on('error', () => resolve('no connection'))
      sending.end(body)
    })
  }
}
