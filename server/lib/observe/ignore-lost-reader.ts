import type { Writable } from 'node:stream'

/**
 * Ignores errors of a log that cannot be written any more, because its reader has gone (`EPIPE`) or the disk is full. Without a listener the
 * error would be uncaught, and its report would go to the same log.
 */
export function ignoreLostReader(log: Writable): void {
  if (log.listenerCount('error') === 0) log.on('error', () => {})
}
