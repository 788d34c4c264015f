import type { Writable } from 'node:stream'

/** The same function each time, so that it is added once. */
function ignore(): void {}

/**
 * A log that nobody can write any more (`EPIPE`: its reader has gone; a full disk) takes nothing else down. Unheard, the error would be
 * an uncaught one, whose report goes to the same log.
 */
export function ignoreLostReader(log: Writable): void {
  if (!log.listeners('error').includes(ignore)) log.on('error', ignore)
}
