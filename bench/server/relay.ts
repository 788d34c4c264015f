import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/** Passes each message on to the other sockets of the same workspace, without reading it. @returns what sends a message to all sockets of a workspace */
export function serveRelay(server: Server): (workspace: string, message: string) => void {
  const rooms = new Map<string, Set<WebSocket>>()
  const sockets = new WebSocketServer({ server, path: '/floor/relay' })
  sockets.on('connection', (socket, request) => {
    const workspace = new URL(request.url ?? '/', 'http://localhost').searchParams.get('workspace') ?? ''
    const room = rooms.get(workspace) ?? new Set()
    rooms.set(workspace, room.add(socket))
    socket.on('close', () => room.delete(socket))
    socket.on('message', (message) => {
      for (const other of room) {
        if (other !== socket) other.send(message.toString())
      }
    })
  })
  return (workspace, message) => {
    for (const socket of rooms.get(workspace) ?? []) socket.send(message)
  }
}
