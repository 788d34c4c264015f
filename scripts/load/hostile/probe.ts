import { Client, op } from './client.ts'

const TEXT = 'a row of a few hundred bytes, as an app would have it. '.repeat(5)
/** Milliseconds between two requests of a kind. */
const INTERVAL_MS = 50
const CONNECTIONS = 30

/** Somebody else who uses the server meanwhile, steadily: what they are made to wait, in milliseconds. */
export class Probe {
  readonly healthMs: number[] = []
  readonly pushMs: number[] = []
  /** Answers that were none, or no 200. */
  failed = 0
  readonly #client: Client
  readonly #underWay = new Set<Promise<void>>()
  #count = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(port: number) {
    this.#client = new Client(port, 'quiet.ann')
  }

  /** Connections are opened before anything is measured: how the system accepts new ones is not the server's doing. */
  async connect(): Promise<void> {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#client.get('/api/sync/health')))
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#measure(this.healthMs, () => this.#client.get('/api/sync/health'))
      const pk = `row-${this.#count++}`
      this.#measure(this.pushMs, () => this.#client.push([op({ pk, payload: { id: pk, text: TEXT, sentAt: 0 } })]))
    }, INTERVAL_MS)
  }

  /** Waits for what is under way, but not for ever: what has not been answered by then counts as having taken so long. */
  async stop(waitMs: number): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([Promise.all(this.#underWay), new Promise(resolve => setTimeout(resolve, waitMs))])
    this.#client.close()
  }

  #measure(times: number[], send: () => Promise<{ status: number }>): void {
    const startedAt = performance.now()
    const place = times.push(Infinity) - 1
    const measured = send().then(({ status }) => {
      times[place] = performance.now() - startedAt
      if (status !== 200) this.failed++
    })
    this.#underWay.add(measured)
    void measured.then(() => this.#underWay.delete(measured))
  }
}
