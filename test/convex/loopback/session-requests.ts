import type { MutationRun } from './deployment'

/** What mutations of a client's session came to: a client whose socket broke sends them again under the same number. */
export class SessionRequests {
  readonly #runs = new Map<string, MutationRun>()

  get(sessionId: string, requestId: number): MutationRun | undefined {
    return this.#runs.get(`${sessionId}:${requestId}`)
  }

  remember(sessionId: string, requestId: number, run: MutationRun): void {
    this.#runs.set(`${sessionId}:${requestId}`, run)
  }
}
