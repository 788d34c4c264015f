import { hashText } from '../../shared/sync/protocol/hash-text'
import { readOutbox } from './read-outbox'
import { readOverview } from './read-overview'
import { databaseOf, type SourceParts } from './source-parts'

/** How many events a report has. */
const EVENTS = 50

/** A report for a bug tracker, as JSON. It has no row and no key of one, and the user's id is hashed. */
export async function makeReport(parts: SourceParts): Promise<string> {
  const [overview, outbox, diagnostics, quarantine] = await Promise.all([
    readOverview(parts), readOutbox(parts), parts.client.engine.value?.diagnostics(), databaseOf(parts).sync_quarantine.toArray(),
  ])
  const report = {
    madeAt: new Date().toISOString(),
    browser: navigator.userAgent,
    overview,
    diagnostics: diagnostics ?? null,
    outbox: outbox.map(({ tableName, operation, state, attempts, code, error }) => ({ tableName, operation, state, attempts, code, error })),
    quarantine: quarantine.map(({ tableName, reason, error }) => ({ tableName, reason, error })),
    events: parts.timeline.list().slice(-EVENTS).map(({ at, name, words, tableName }) => ({ at: new Date(at).toISOString(), name, tableName, words })),
  }
  const userId = overview.session.userId
  return JSON.stringify(userId ? conceal(report, userId) : report, null, 2)
}

/** The same value with a hash in the place of the user's id: as a text of its own, in quotes, and in the names of databases. */
export function conceal<T>(value: T, userId: string): T {
  const hash = `user:${hashText(userId).slice(0, 12)}`
  // As it stands in the name of a database.
  const encoded = encodeURIComponent(userId).replaceAll('-', '%2D')
  const concealName = (name: string) => name.split('-').map(part => part === encoded ? hash : part).join('-')
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return each === userId ? hash : each.replaceAll(`"${userId}"`, `"${hash}"`).replaceAll(/or3-db-[^\s"]+/g, concealName)
    if (Array.isArray(each)) return each.map(walk)
    return each && typeof each === 'object' ? Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, walk(inner)])) : each
  }
  return walk(value) as T
}
