import { get } from 'node:http'
import type { ClientRequest } from 'node:http'
import { createParser } from 'eventsource-parser'
import type { Ledger } from './ledger.ts'

interface Change { pk: string, payload?: { sentAt: number } }

const RECONNECT_MS = 300

/** Reads the change stream of a workspace. When the connection breaks, it goes on from its cursor. */
export class Subscriber {
  readonly received = new Set<string>()
  connected = false
  reconnects = -1
  #cursor = 0
  #request: ClientRequest | null = null
  #stopped = false
  readonly workspace: string
  readonly #user: string
  readonly #port: () => number
  readonly #ledger: Ledger

  constructor(workspace: string, user: string, port: () => number, ledger: Ledger) {
    this.workspace = workspace
    this.#user = user
    this.#port = port
    this.#ledger = ledger
  }

  connect(): void {
    if (this.#stopped) return
    this.reconnects++
    const path = `/api/sync/subscribe?workspaceId=${this.workspace}&cursor=${this.#cursor}`
    let over = false
    const again = () => {
      if (over) return
      over = true
      this.connected = false
      setTimeout(() => this.connect(), RECONNECT_MS)
    }
    this.#request = get({ host: '127.0.0.1', port: this.#port(), path, agent: false, headers: { 'x-user': this.#user } }, (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        return again()
      }
      const parser = createParser({ onEvent: ({ event, data }) => { if (event === 'changes') this.#take(data) } })
      response.setEncoding('utf8')
      response.on('data', (text: string) => parser.feed(text))
      response.on('close', again)
    })
    this.#request.on('error', again)
  }

  stop(): void {
    this.#stopped = true
    this.#request?.destroy()
  }

  #take(data: string): void {
    this.connected = true
    const page = JSON.parse(data) as { from: number, nextCursor: number, changes: Change[] }
    // A page that begins after our cursor would leave a gap.
    if (page.from > this.#cursor) throw new Error(`${this.#user} is at ${this.#cursor} and was sent what follows ${page.from}`)
    const now = performance.now()
    for (const { pk, payload } of page.changes) {
      if (this.received.has(pk)) continue
      this.received.add(pk)
      if (payload) this.#ledger.deliver(now - payload.sentAt)
    }
    this.#cursor = page.nextCursor
  }
}
