import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { CallCounts } from './call-counts'
import { Deployment, type DeploymentOptions } from './deployment'
import { Faults } from './faults'
import { handleHttpFunction } from './http-functions'
import { SessionRequests } from './session-requests'
import { SyncSession } from './sync-session'
import { type AuthProvider, TokenVerifier } from './token-verifier'

export interface LoopbackServerOptions extends Omit<DeploymentOptions, 'counts'> {
  providers: readonly AuthProvider[]
  /** On 127.0.0.1; 0: any that is free. */
  port: number
}

const SYNC_PATH = /^\/api\/[^/]+\/sync$/
/** A batch may hold this much, and its frame a little more. */
const MESSAGE_MAX_BYTES = 20 * 1024 * 1024

/** Convex's HTTP and WebSocket protocol in front of `convex-test`, for the unmodified clients. */
export class LoopbackServer {
  readonly counts = new CallCounts()
  readonly faults = new Faults()
  readonly deployment: Deployment
  readonly verifier: TokenVerifier
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_MAX_BYTES })

  constructor(private readonly options: LoopbackServerOptions) {
    const { counts, faults } = this
    const deployment = this.deployment = new Deployment({ ...options, counts })
    const verifier = this.verifier = new TokenVerifier(options.providers)
    const requests = new SessionRequests()
    this.#http = createServer((request, response) => {
      handleHttpFunction(request, response, { deployment, verifier, counts, faults }).catch(() => response.destroy())
    })
    this.#http.on('upgrade', (request, stream, head) => {
      if (faults.refusing || !SYNC_PATH.test(request.url ?? '')) return void stream.destroy()
      this.#sockets.handleUpgrade(request, stream, head, (socket) => {
        counts.opened()
        new SyncSession({ socket, deployment, verifier, requests, counts, faults })
      })
    })
  }

  /** @returns the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => this.#http.once('error', reject).listen(this.options.port, '127.0.0.1', resolve))
    return (this.#http.address() as AddressInfo).port
  }

  get sockets(): number {
    return this.#sockets.clients.size
  }

  /** As a network does it: without a goodbye. */
  dropSockets(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  async close(): Promise<void> {
    this.dropSockets()
    this.#http.closeAllConnections()
    await new Promise(resolve => this.#http.close(resolve))
  }
}
