import type { SyncChange } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'

/** Tells the app that changes have arrived, before they are applied. Empty pages are not announced. */
export function announceReceived({ hooks, scope }: EngineContext, changes: readonly SyncChange[]): void {
  if (changes.length) hooks.doAction('sync.pull:action:received', { scope, changeCount: changes.length })
}
