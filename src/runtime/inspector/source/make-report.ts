import { readOutbox } from './read-outbox'
import { readOverview } from './read-overview'
import { databaseOf, type SourceParts } from './source-parts'

/**
 * A report for a bug tracker, as JSON: what `$syncEngine.diagnostics()` tells, the overview, and why edits and changes wait. It has no row and no key
 * of one, and the user's id is hashed. Where sync is off, `diagnostics` is null.
 */
export async function makeReport(parts: SourceParts): Promise<string> {
  const { diagnosis, client } = parts
  const db = databaseOf(parts)
  const engine = client.engine.value
  const [overview, outbox, diagnostics, quarantine] = await Promise.all([
    readOverview(parts), readOutbox(parts), engine && diagnosis ? diagnosis.report({ db, diagnostics: engine.diagnostics }) : null, db.sync_quarantine.toArray(),
  ])
  const report = {
    madeAt: new Date().toISOString(),
    diagnostics,
    overview,
    outbox: outbox.map(({ tableName, operation, state, attempts, code, error }) => ({ tableName, operation, state, attempts, code, error })),
    quarantine: quarantine.map(({ tableName, reason, error }) => ({ tableName, reason, error })),
  }
  return JSON.stringify(diagnosis ? diagnosis.withoutUser(report) : report, null, 2)
}
