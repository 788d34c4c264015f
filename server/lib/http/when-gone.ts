import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What waits for the end of a connection. One listener for all: a client may send many requests on one connection without waiting for answers. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Calls back once the response has left, or its client: at once where that is so already, or where there is no connection to wait for. */
export function whenGone(res: ServerResponse, callback: () => void): void {
  if (!connectionOf(res) || isGone(res) || res.writableFinished) callback()
  else onClose(res, callback)
}

/** Whether the client has gone. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || connectionOf(res)?.destroyed === true
}

/**
 * Calls back once, when the response closes or its client goes away. A response that stands behind earlier ones of its connection does
 * not hear that the connection has closed, and has no socket until it is its turn.
 */
export function onClose(res: ServerResponse, callback: () => void): void {
  const socket = connectionOf(res)
  const once = () => {
    res.off('close', once)
    if (socket) waiting.get(socket)?.delete(once)
    callback()
  }
  res.once('close', once)
  if (socket) callbacksOf(socket).add(once)
}

/** Absent: an answer that is given without a connection. */
function connectionOf(res: ServerResponse): Socket | undefined {
  return res.req?.socket
}

function callbacksOf(socket: Socket): Set<() => void> {
  const known = waiting.get(socket)
  if (known) return known
  const callbacks = new Set<() => void>()
  waiting.set(socket, callbacks)
  socket.once('close', () => { for (const callback of [...callbacks]) callback() })
  return callbacks
}
