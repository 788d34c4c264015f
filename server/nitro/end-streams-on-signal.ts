import { useSyncGateway } from './use-sync-gateway'

/** A graceful shutdown waits for open connections, and change streams stay open for ever: they are ended first. */
export function endStreamsOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void useSyncGateway().then(gateway => gateway.endStreams())
      // Listening to a signal takes away its default: where nobody else stops the process, it is sent again.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    })
  }
}
