import type { LeaderWork } from './leader-work'

type LeaderWorkClass = typeof LeaderWork

let here: LeaderWorkClass | null = null

/** The code of the leading tab's work. Null: it has not been loaded yet. */
export function loadedLeaderWork(): LeaderWorkClass | null {
  return here
}

/**
 * Loads the code of the leading tab's work: sending and following, a good third of the engine. It is a chunk of its own, because a page can open its
 * database, show rows and capture edits without it.
 *
 * Rejects with the browser's error. Chromium then does not fetch the chunk again before the page is reloaded, so the next call fails as well.
 */
export async function loadLeaderWork(): Promise<LeaderWorkClass> {
  return here ??= (await import('./leader-work')).LeaderWork
}

/** Hands the code in, so that nothing is loaded. For a simulation, whose clock must not run on while a chunk is loaded. */
export function provideLeaderWork(code: LeaderWorkClass): void {
  here = code
}
