import type { Writable } from 'node:stream'

/**
 * A log that nobody can write any more (`EPIPE`: its reader has gone; a full disk) takes nothing else down. Unheard, the error would be
 * an uncaught one, whose report goes to the same log.
 */
export function ignoreLostReader(log: Writable): void {
  if (log.listenerCount('error') === 0) log.on('error', () => {})
}
