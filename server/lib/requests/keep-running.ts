import type { H3Event } from 'h3'

type WaitingEvent = H3Event & { waitUntil?: (work: Promise<unknown>) => void }

/** Nitro's `waitUntil` keeps a host that stops after the answer running until the work is done. */
export function keepRunning(event: WaitingEvent, work: Promise<unknown> | undefined): void {
  if (work) event.waitUntil?.(work)
}
