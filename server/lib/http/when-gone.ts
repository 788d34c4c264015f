import type { ServerResponse } from 'node:http'

/** Calls back once the response has left, or its client: at once where that is so already, or where there is no connection to wait for. */
export function whenGone(res: ServerResponse, callback: () => void): void {
  if (!res.socket || res.destroyed || res.writableFinished) callback()
  else res.once('close', callback)
}
