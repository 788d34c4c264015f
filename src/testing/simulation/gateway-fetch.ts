import { createEvent, type EventHandler } from 'h3'
import { InProcessResponse } from './in-process-response'

/** A `fetch` that calls a gateway in this process without sockets. The gateway itself is the real one. */
export function gatewayFetch(gateway: EventHandler, userId: string | (() => string)): typeof fetch {
  return (input, init) => new Promise<Response>((resolve, reject) => {
    const { pathname, search } = new URL(String(input))
    const headers: Record<string, string> = { 'x-user': typeof userId === 'string' ? userId : userId(), 'host': 'simulation' }
    new Headers(init?.headers).forEach((value, name) => { headers[name] = value })
    const request = { method: init?.method ?? 'GET', url: pathname + search, headers, body: init?.body, socket: {} }
    const response = new InProcessResponse(resolve)
    init?.signal?.addEventListener('abort', () => {
      response.destroy()
      reject(init.signal!.reason as Error)
    })
    const event = createEvent(request as never, response as never)
    Promise.resolve(gateway(event)).catch(reject)
  })
}
