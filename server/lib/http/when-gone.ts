import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Callbacks for the end of each connection. They share one listener, because a client may send many requests on one connection without
 * waiting for answers.
 */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Calls back once the response has been sent or the client is gone. Calls back at once if that is so already, or if there is no connection. */
export function whenGone(res: ServerResponse, callback: () => void): void {
  if (!connectionOf(res) || isGone(res) || res.writableFinished) callback()
  else onClose(res, callback)
}

/** Whether the client has gone. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || connectionOf(res)?.destroyed === true
}

/**
 * Calls back once, when the response closes or its client goes away. The connection is watched too: a response that waits behind earlier ones
 * of its connection has no socket yet, and would not notice that the connection has closed.
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

/** Undefined: the answer is given without a connection. */
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
