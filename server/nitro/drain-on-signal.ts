import { stderrLogger } from './stderr-logger'
import { startedGateway } from './started-gateway'

/**
 * On SIGTERM and SIGINT, ends the change streams and lets running requests finish. A graceful shutdown waits for open connections, and
 * change streams would keep theirs open for ever. Nitro's `close` hook then closes the store.
 */
export function drainOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // Listening to a signal removes its default action, which is to end the process. If no other listener does that, we send the signal again when done.
      const isAlone = process.listenerCount(signal) === 0
      stderrLogger.info('[or3-sync] stopping', { signal })
      void startedGateway().then(gateway => isAlone ? gateway.close() : gateway.drain()).finally(() => {
        if (isAlone) process.kill(process.pid, signal)
      })
    })
  }
}
