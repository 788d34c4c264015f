import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface Answer {
  status: number
  text: string
}

/** Makes an op as a device sends it. Each call is a new edit. */
export function op(fields: { pk: string, tableName?: string, payload?: object, node?: string, deviceId?: string, clock?: number, base?: object | null }) {
  const { pk, tableName = 'posts', payload, node = 'loadtest', deviceId = 'device', clock = 1, base = null } = fields
  const stamp = { deviceId, opId: randomUUID(), hlc: `${Date.now().toString(36).padStart(9, '0')}:0000:${node}`, clock }
  return { tableName, operation: payload ? 'put' : 'delete', pk, ...payload && { payload }, stamp, base }
}

/** A client of one user. It makes requests over connections that stay open, and opens raw connections for what no real client does. */
export class Client {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly user: string
  readonly workspace: string

  constructor(port: number, user: string) {
    this.#port = port
    this.user = user
    this.workspace = user.split('.')[0]!
  }

  push(ops: readonly object[]): Promise<Answer> {
    return this.post('/push', { scope: { workspaceId: this.workspace }, ops })
  }

  pull(fields: object = {}): Promise<Answer> {
    return this.post('/pull', { scope: { workspaceId: this.workspace }, cursor: 0, limit: 2_000, ...fields })
  }

  post(path: string, body: object | string): Promise<Answer> {
    return this.#send('POST', `/api/sync${path}`, typeof body === 'string' ? body : JSON.stringify(body))
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path)
  }

  /** Opens a connection and writes the text. Nothing is read from it unless the caller does. */
  open(text: string): Socket {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(text)
    return socket
  }

  /** The head of a request, for {@link open}. */
  head(method: 'GET' | 'POST', path: string, bodyBytes?: number): string {
    const body = bodyBytes === undefined ? [] : ['content-type: application/json', `content-length: ${bodyBytes}`]
    return [`${method} ${path} HTTP/1.1`, 'host: x', `x-user: ${this.user}`, ...body, '', ''].join('\r\n')
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve) => {
      const headers = { 'x-user': this.user, ...body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }
      const sending = request({ host: '127.0.0.1', port: this.#port, path, method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        response.on('error', () => resolve({ status: 0, text: '' }))
      })
      sending.on('error', () => resolve({ status: 0, text: '' }))
      sending.end(body)
    })
  }
}
