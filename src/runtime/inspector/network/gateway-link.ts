/** `failing`: the server answers every request with 503. */
export type NetworkMode = 'online' | 'offline' | 'slow' | 'failing'

export const NETWORK_MODES: readonly NetworkMode[] = ['online', 'offline', 'slow', 'failing']

/** How much later each request leaves while the network is `slow`, in milliseconds. */
export const SLOW_MS = 2_000

/** How the gateway's provider gets changes at the moment: nothing was asked yet, by an open event stream, or by pulls. */
export type LinkTransport = 'none' | 'event stream' | 'pulls'

type Fetch = typeof globalThis.fetch

/**
 * Stands between the gateway's provider and `fetch`. It sees by which transport changes come, and can make the network bad for this page's sync
 * alone, to try out what the app then does. The app's other requests are not touched.
 */
export class GatewayLink {
  #mode: NetworkMode = 'online'
  #openStreams = 0
  #hasAsked = false
  /** Requests without an answer, and open streams: they break when the network goes. */
  readonly #underWay = new Set<AbortController>()

  constructor(private readonly options: { fetch: Fetch, wait?: (ms: number) => Promise<void> }) {}

  get mode(): NetworkMode {
    return this.#mode
  }

  set mode(mode: NetworkMode) {
    this.#mode = mode
    if (mode !== 'offline' && mode !== 'failing') return
    for (const request of [...this.#underWay]) request.abort()
  }

  get transport(): LinkTransport {
    return this.#openStreams > 0 ? 'event stream' : this.#hasAsked ? 'pulls' : 'none'
  }

  /** Give this to the provider. */
  readonly fetch: Fetch = async (input, init = {}) => {
    const mode = this.#mode
    if (mode === 'offline') throw new TypeError('the inspector\'s network switch is on offline')
    if (mode === 'failing') return new Response('the inspector\'s network switch is on failing', { status: 503 })
    if (mode === 'slow') await (this.options.wait ?? pause)(SLOW_MS)
    const request = new AbortController()
    // With its reason: a push that took too long is made smaller.
    const { signal } = init
    const abort = () => request.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    this.#hasAsked = true
    this.#underWay.add(request)
    let isStream = false
    try {
      const response = await this.options.fetch(input, { ...init, signal: request.signal })
      isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true
      return isStream && response.body ? this.#counted(response, response.body, request) : response
    }
    finally { if (!isStream) this.#underWay.delete(request) }
  }

  /** The same answer, whose body is counted as an open stream until it ends. */
  #counted(response: Response, body: ReadableStream<Uint8Array<ArrayBuffer>>, request: AbortController): Response {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>()
    const ended = () => {
      this.#openStreams--
      this.#underWay.delete(request)
    }
    this.#openStreams++
    body.pipeTo(writable).then(ended, ended)
    return new Response(readable, { status: response.status, headers: response.headers })
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}
