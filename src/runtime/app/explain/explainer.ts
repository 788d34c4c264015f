import type { SyncLogger } from '../../core/sync/environment/environment'
import type { SyncStatus } from '../../core/sync/context/sync-status'
import type { EngineDatabase } from '../../core/sync/records/engine-database'
import { plainText } from '../../shared/sync/errors/plain-text'
import { PAGE_LINES } from '../../shared/sync/errors/page-entries'
import { withLink } from '../../shared/sync/errors/start-error'
import type { SyncReason } from '../../shared/sync/protocol/sync-reason'
import type { SyncSwitches } from '../../shared/sync/settings/one-switch'
import { explainReason } from './explain-reason'
import { RowTroubles } from './row-troubles'

/** What the explainer has to know of the app. */
export interface ExplainedApp {
  switches: SyncSwitches
  /** Whether the app has no schema file of its own. */
  isPreset: boolean
}

/**
 * Tells whoever develops the app, at level `info` and once each, why nothing syncs and which rows are in trouble. It is a chunk of its own
 * that is loaded only where these lines are shown, because its texts are long.
 */
export class Explainer {
  readonly #told = new Set<SyncReason>()
  readonly #rows: RowTroubles

  constructor(private readonly log: Pick<SyncLogger, 'info' | 'debug'>, private readonly app: ExplainedApp) {
    this.#rows = new RowTroubles(log)
    const { messages: [message], fix } = PAGE_LINES['preset-schema']
    if (app.isPreset) log.info(withLink(plainText(`${message} ${fix}`), 'preset-schema'))
  }

  /** Called with every status of the page. */
  reason(reason: SyncReason | null): void {
    if (!reason || this.#told.has(reason)) return
    this.#told.add(reason)
    this.log.info(explainReason(reason, this.app.switches))
  }

  /** Called with every status of the engine of this database. */
  rows(db: EngineDatabase, counts: Pick<SyncStatus, 'failedCount' | 'quarantinedCount'>): void {
    this.#rows.look(db, counts)
  }
}
