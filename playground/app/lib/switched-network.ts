/** A network that can be switched off. While it is off, requests fail as they do offline, also those that are under way. */
export class SwitchedNetwork {
  #isOn = true
  readonly #underWay = new Set<AbortController>()
  readonly #listeners = new Set<() => void>()

  get isOn(): boolean {
    return this.#isOn
  }

  set isOn(isOn: boolean) {
    this.#isOn = isOn
    if (isOn) for (const listener of this.#listeners) listener()
    else for (const request of this.#underWay) request.abort(new TypeError('the network was switched off'))
  }

  /** Calls back when the network is switched on. @returns a function that ends this. */
  onSwitchedOn = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  fetch: typeof globalThis.fetch = async (input, init) => {
    if (!this.#isOn) throw new TypeError('the network is switched off')
    const request = new AbortController()
    this.#underWay.add(request)
    const stop = () => request.abort(init?.signal?.reason)
    if (init?.signal?.aborted) stop()
    init?.signal?.addEventListener('abort', stop)
    const response = await globalThis.fetch(input, { ...init, signal: request.signal })
    // A stream stays under way: its controller is kept until the stream or the device ends.
    if (!response.headers.get('content-type')?.includes('event-stream')) this.#underWay.delete(request)
    return response
  }
}
