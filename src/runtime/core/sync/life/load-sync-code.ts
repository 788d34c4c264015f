import { SyncError } from '../../../shared/sync/protocol/errors'

/** What the chunk exports: see `sync-code.ts`. */
export type SyncCode = typeof import('./sync-code')

let here: SyncCode | null = null
/** Told once when the code is here. */
let waiting: (() => void)[] = []

/** The code for syncing. Null: it has not been loaded yet. */
export function loadedSyncCode(): SyncCode | null {
  return here
}

/**
 * Loads the code for syncing: what sends, follows and decides, more than half of the engine. It is a chunk of its own, because a page can open its
 * database, show rows and capture edits without it.
 *
 * @throws SyncError `NETWORK_ERROR` when it cannot be loaded. Chromium then does not fetch the chunk again before the page is reloaded, so the next
 * call fails as well.
 */
export async function loadSyncCode(): Promise<SyncCode> {
  try { if (!here) provideSyncCode(await import('./sync-code')) }
  catch (cause) {
    throw new SyncError('NETWORK_ERROR', 'the part of the engine that syncs could not be loaded. Edits are kept here, and it is tried again. If this stays so, reload the page', { cause })
  }
  return here!
}

/** Hands the code in, so that nothing is loaded. For a simulation, whose clock must not run on while a chunk is loaded. */
export function provideSyncCode(code: SyncCode): void {
  here = code
  const told = waiting
  waiting = []
  for (const tell of told) tell()
}

/** Calls back when the code is here, whoever has loaded it; at once if it is. */
export function onSyncCode(callback: () => void): void {
  if (here) callback()
  else waiting.push(callback)
}
