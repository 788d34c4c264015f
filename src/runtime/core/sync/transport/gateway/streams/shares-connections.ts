/** The fields of a performance entry that are read here. */
interface TimelineEntry { name: string, nextHopProtocol?: string }

/** Whether requests to this origin share one connection (HTTP/2 and later), as earlier requests or the page's own load show. */
export function sharesConnections(origin: string): boolean {
  const entries = (type: string) => performance.getEntriesByType(type) as unknown as TimelineEntry[]
  const known = [...entries('resource').reverse(), ...entries('navigation')].find(({ name, nextHopProtocol }) => nextHopProtocol && new URL(name).origin === origin)
  return known?.nextHopProtocol === 'h2' || known?.nextHopProtocol === 'h3'
}
