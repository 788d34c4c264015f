import { plainText } from '../../shared/sync/errors/plain-text'
import { REASONS } from '../../shared/sync/errors/reason-entries'
import { withLink } from '../../shared/sync/errors/start-error'
import type { SyncReason } from '../../shared/sync/protocol/sync-reason'
import { oneSwitch, type SyncSwitches } from '../../shared/sync/settings/one-switch'

/** One line for whoever develops the app: why nothing syncs, what to do about it, and where to read more. */
export function explainReason(reason: SyncReason, switches: SyncSwitches): string {
  const { cause, fix } = REASONS[reason]
  const forgotten = reason === 'switched-off' ? oneSwitch(switches) : null
  return withLink(plainText(forgotten ? `${cause} ${forgotten.replace('[or3-sync] ', '')}.` : `${cause} ${fix}`), reason)
}
