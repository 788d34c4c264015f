import type { Row } from './rows'

/** Sends rows to the floor's store. One request is under way at a time; what is added meanwhile goes with the next one. It keeps them in memory only. */
export class FloorSender {
  #waiting: Row[] = []
  #sending: Promise<void> | undefined
  readonly #workspace: string

  constructor(workspace: string) {
    this.#workspace = workspace
  }

  add(row: Row): void {
    this.#waiting.push(row)
    this.#sending ??= this.#send().finally(() => { this.#sending = undefined })
  }

  async settled(): Promise<void> {
    await this.#sending
  }

  async post(rows: Row[]): Promise<void> {
    const response = await fetch(`/floor/rows?workspace=${this.#workspace}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rows),
    })
    if (!response.ok) throw new Error(`the floor's store answered ${response.status}`)
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) await this.post(this.#waiting.splice(0))
  }
}
