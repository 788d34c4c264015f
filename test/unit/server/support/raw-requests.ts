import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A connection on which bytes are written and, unless told otherwise, nothing is read. */
export function openSocket(origin: string): { socket: Socket, text: () => string } {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => { text += chunk.toString('latin1') })
  socket.pause()
  return { socket, text: () => text }
}

/** The head of a request of `user`, as lines; a body may follow. */
export function headOf(method: string, path: string, user: string, ...headers: string[]): string {
  return [`${method} /api/sync${path} HTTP/1.1`, 'host: x', `x-user: ${user}`, ...method === 'POST' ? ['content-type: application/json'] : [], ...headers, '', ''].join('\r\n')
}
