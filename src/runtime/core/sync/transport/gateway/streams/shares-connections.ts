/** Entries of the performance timeline, as far as they are looked at. */
interface TimelineEntry { name: string, nextHopProtocol?: string }

/** Whether requests to this origin share one connection (HTTP/2 and later), as far as the page can tell: by itself, or by earlier requests. */
export function sharesConnections(origin: string): boolean {
  const entries = (type: string) => performance.getEntriesByType(type) as unknown as TimelineEntry[]
  const known = [...entries('resource').reverse(), ...entries('navigation')].find(({ name, nextHopProtocol }) => nextHopProtocol && new URL(name).origin === origin)
  return known?.nextHopProtocol === 'h2' || known?.nextHopProtocol === 'h3'
}
