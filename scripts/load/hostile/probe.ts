import { Client, op } from './client.ts'

const TEXT = 'a row of a few hundred bytes, as an app would have it. '.repeat(5)
/** Milliseconds between two requests of the same kind. */
const INTERVAL_MS = 50
const CONNECTIONS = 30

/** Another user, who sends requests at a steady rate during an attack. It records how long their answers take, in milliseconds. */
export class Probe {
  readonly healthMs: number[] = []
  readonly pushMs: number[] = []
  /** How many requests got no answer, or not a 200. */
  failed = 0
  readonly #client: Client
  readonly #underWay = new Set<Promise<void>>()
  #count = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(port: number) {
    this.#client = new Client(port, 'quiet.ann')
  }

  /** Opens the connections before anything is measured. How fast the system accepts new ones does not depend on our server. */
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

  /** Waits for open requests, up to `waitMs`. A request without an answer by then counts as one that took that long. */
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
