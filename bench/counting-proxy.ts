import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

/** Bytes that went through. `wire`: everything on the connection, headers included. `plain`: the bodies as they are when they are unpacked. */
export interface CountedBytes {
  up: { wire: number, plain: number }
  down: { wire: number, plain: number }
}

export interface CountingProxy {
  origin: string
  /** Returns what went through since the last call, or the start. */
  take(): CountedBytes
  stop(): void
}

/** Stands between a browser and the server, changes nothing, and counts. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target)
  const plain = { up: 0, down: 0 }
  const sockets = new Set<Socket>()
  let closed = { up: 0, down: 0 }
  const server = createServer((request, response) => {
    countPlain(request, bytes => plain.up += bytes)
    const forwarded = send({ hostname, port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
      countPlain(answer, bytes => plain.down += bytes)
      passOn(answer, response)
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    request.pipe(forwarded)
  })
  server.on('upgrade', (request, socket: Socket, head) => tunnel(request, socket, head, { hostname, port: Number(port) }))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      closed = { up: closed.up + socket.bytesRead, down: closed.down + socket.bytesWritten }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const total = () => [...sockets].reduce(({ up, down }, socket) => ({ up: up + socket.bytesRead, down: down + socket.bytesWritten }), closed)
  let taken = { ...total(), plainUp: 0, plainDown: 0 }
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const before = taken
      taken = { ...total(), plainUp: plain.up, plainDown: plain.down }
      return {
        up: { wire: taken.up - before.up, plain: taken.plainUp - before.plainUp },
        down: { wire: taken.down - before.down, plain: taken.plainDown - before.plainDown },
      }
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function passOn(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  // A stream's first event may come much later than its head.
  response.flushHeaders()
  answer.pipe(response)
  answer.on('error', () => response.destroy())
}

/** Counts the bytes of a body, unpacked. */
function countPlain(message: IncomingMessage, add: (bytes: number) => void): void {
  const unpack = unpackerOf(message.headers['content-encoding'])
  const plain: Readable = unpack ? message.pipe(unpack) : message
  plain.on('data', (chunk: Buffer) => add(chunk.length))
  // A stream that is cut off ends in the middle of what is packed.
  plain.on('error', () => {})
}

function unpackerOf(encoding: string | undefined): Transform | undefined {
  switch (encoding) {
    case 'gzip': return createGunzip()
    case 'deflate': return createInflate()
    case 'br': return createBrotliDecompress()
    case 'zstd': return createZstdDecompress()
  }
  return undefined
}

/** Passes a WebSocket on as it is. */
function tunnel(request: IncomingMessage, socket: Socket, head: Buffer, target: { hostname: string, port: number }): void {
  const upstream = connect(target.port, target.hostname, () => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`)
    upstream.write([`${request.method} ${request.url} HTTP/1.1`, ...headers, '', ''].join('\r\n'))
    upstream.write(head)
    upstream.pipe(socket).pipe(upstream)
  })
  for (const each of [socket, upstream]) {
    each.on('error', () => {})
    each.on('close', () => [socket, upstream].forEach(side => side.destroy()))
  }
}
