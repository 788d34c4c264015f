import { stderrLogger } from './stderr-logger'
import { useSyncGateway } from './use-sync-gateway'

/**
 * A graceful shutdown waits for open connections, and change streams stay open for ever: they are ended first, and batches under
 * way are finished. Nitro then closes the store by its `close` hook.
 */
export function drainOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // Listening to a signal takes away its default: where nobody else stops the process, it is sent again when all is done.
      const isAlone = process.listenerCount(signal) === 0
      stderrLogger.info('[or3-sync] stopping', { signal })
      void useSyncGateway().then(gateway => isAlone ? gateway.close() : gateway.drain()).finally(() => {
        if (isAlone) process.kill(process.pid, signal)
      })
    })
  }
}
