import type { TestGateway } from './test-gateway'

export interface StreamEvent {
  event: string
  id?: string
  /** Parsed JSON. */
  data: Record<string, unknown> & { changes?: { pk: string, op: string, serverVersion: number }[] }
}

/** A subscriber that reads events one by one. */
export async function openStream(server: TestGateway, query: string, headers: Record<string, string> = {}) {
  const abort = new AbortController()
  const response = await fetch(`${server.origin}/api/sync/subscribe?${query}`, { headers: { 'x-user': 'ada', ...headers }, signal: abort.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''

  /** The next event; null when the stream has ended. */
  async function next(): Promise<StreamEvent | null> {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
        const event = field('event')
        if (event) return { event, id: field('id'), data: JSON.parse(field('data') ?? 'null') as StreamEvent['data'] }
        continue
      }
      const { value, done } = await reader.read()
      if (done) return null
      text += value
    }
  }
  return { response, next, close: () => abort.abort() }
}
