import { getRequestHeader } from 'h3'
import type { H3Event } from 'h3'

/** Whether the client accepts gzip: its `Accept-Encoding` lists `gzip` or `*`, with a weight above 0. */
export function acceptsGzip(event: H3Event): boolean {
  const weights = new Map<string, number>()
  for (const entry of (getRequestHeader(event, 'accept-encoding') ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map(part => part.trim())
    const weight = parameters.find(parameter => parameter.startsWith('q='))
    weights.set(name, weight ? Number(weight.slice(2)) : 1)
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0
}
