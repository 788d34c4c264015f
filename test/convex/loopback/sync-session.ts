import type { UserIdentity } from 'convex/server'
import type { WebSocket } from 'ws'
import type { CallCounts } from './call-counts'
import type { Deployment } from './deployment'
import type { Faults } from './faults'
import type { WrittenDocument } from './read-set'
import type { SessionRequests } from './session-requests'
import { SubscribedQueries } from './subscribed-queries'
import type { TokenVerifier, VerifiedToken } from './token-verifier'
import type { ClientMessage, ServerMessage, StateModification } from './wire-messages'
import { encodeTimestamp } from './wire-timestamp'

/** Convex-specific reasons; the client backs off by them. */
const CLOSE_TRY_AGAIN = 1013
const CLOSE_POLICY = 1008
const PING_MS = 15_000

export interface SyncSessionOptions {
  socket: WebSocket
  deployment: Deployment
  verifier: TokenVerifier
  requests: SessionRequests
  counts: CallCounts
  faults: Faults
}

type MessageOf<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

/** One socket of a `ConvexClient`: its queries, its identity, and its mutations one after the other. */
export class SyncSession {
  readonly #queries: SubscribedQueries
  readonly #stop: () => void
  #version = { querySet: 0, identity: 0, ts: 0n }
  #sessionId = ''
  #clockSkew: number | undefined
  #auth: { token: string, verified: VerifiedToken } | null = null
  /** Commits that the queries have not been held against. */
  #unseen: WrittenDocument[] = []
  /** Everything happens in the order in which it came. */
  #turn: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(private readonly options: SyncSessionOptions) {
    const { socket, deployment } = options
    this.#queries = new SubscribedQueries(deployment)
    const stopCommits = deployment.onCommit((writes) => {
      this.#unseen.push(...writes)
      this.#inTurn(() => this.#advance())
    })
    const pings = setInterval(() => this.#send({ type: 'Ping' }), PING_MS)
    this.#stop = () => {
      this.#isOver = true
      stopCommits()
      clearInterval(pings)
    }
    socket.on('message', (data: Buffer) => {
      options.counts.received(data.length)
      const message = JSON.parse(data.toString()) as ClientMessage
      this.#inTurn(() => this.#handle(message))
    })
    socket.on('close', this.#stop)
    socket.on('error', this.#stop)
  }

  #inTurn(step: () => Promise<void> | void): void {
    this.#turn = this.#turn.then(async () => { if (!this.#isOver) await step() }).catch((error) => {
      this.#send({ type: 'FatalError', error: String(error) })
      this.#close(CLOSE_POLICY, 'FatalError')
    })
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'Connect':
        this.#sessionId = message.sessionId
        this.#clockSkew = message.clientTs - Date.now()
        return
      case 'ModifyQuerySet': return await this.#modify(message)
      case 'Authenticate': return await this.#authenticate(message)
      case 'Mutation': return await this.#mutate(message)
      case 'Event': return
      default: throw new Error(`the loopback does not know ${JSON.stringify(message)}`)
    }
  }

  async #modify({ baseVersion, newVersion, modifications }: MessageOf<'ModifyQuerySet'>): Promise<void> {
    if (baseVersion !== this.#version.querySet) throw new Error(`query set version ${baseVersion} does not follow ${this.#version.querySet}`)
    const identity = this.#identity()
    if (identity === undefined) return
    await this.#transition(await this.#queries.change(modifications, identity), identity, { querySet: newVersion })
  }

  async #authenticate(message: MessageOf<'Authenticate'>): Promise<void> {
    const { baseVersion } = message
    if (baseVersion !== this.#version.identity) throw new Error(`identity version ${baseVersion} does not follow ${this.#version.identity}`)
    if (message.tokenType === 'User') {
      try { this.#auth = { token: message.value, verified: await this.options.verifier.verify(message.value) } }
      catch (error) { return this.#refuse(String(error), true) }
    }
    else this.#auth = null
    const identity = this.#auth?.verified.identity ?? null
    await this.#transition(await this.#queries.refresh(identity), identity, { identity: baseVersion + 1 })
  }

  async #mutate({ requestId, udfPath, args }: MessageOf<'Mutation'>): Promise<void> {
    const { deployment, requests, faults, socket } = this.options
    const identity = this.#identity()
    if (identity === undefined) return
    let run = requests.get(this.#sessionId, requestId)
    if (!run) {
      if (faults.takeConflict()) return this.#close(CLOSE_TRY_AGAIN, 'OptimisticConcurrencyControlFailure')
      run = await deployment.mutation(udfPath, args[0] ?? {}, identity)
      requests.remember(this.#sessionId, requestId, run)
      if (faults.takeLostReply()) return socket.terminate()
    }
    const { outcome, ts } = run
    if (!outcome.ok) return this.#send({ type: 'MutationResponse', requestId, success: false, result: outcome.message, ...(outcome.data === undefined ? {} : { errorData: outcome.data }), logLines: [] })
    this.#send({ type: 'MutationResponse', requestId, success: true, result: outcome.value, ts: encodeTimestamp(ts), logLines: [] })
    await this.#advance(true)
  }

  /**
   * Holds the queries against what was committed, and tells the client of a change. `always` after a mutation: the client
   * resolves it at the next transition that reaches it, even where the transition before did.
   */
  async #advance(always = false): Promise<void> {
    const writes = this.#unseen.splice(0)
    if (!writes.length && !always) return
    const identity = this.#identity()
    if (identity === undefined) return
    const modifications = await this.#queries.refresh(identity, writes)
    if (modifications.length || always) await this.#transition(modifications, identity, {})
  }

  /** Undefined: the token has expired, which the client has been told. */
  #identity(): Partial<UserIdentity> | null | undefined {
    const auth = this.#auth
    if (!auth) return null
    if (!this.options.verifier.isExpired(auth.token, auth.verified)) return auth.verified.identity
    this.#refuse('Token expired', false)
    return undefined
  }

  #refuse(error: string, authUpdateAttempted: boolean): void {
    // An error names the version before: the identity did not move on.
    const baseVersion = authUpdateAttempted ? this.#version.identity : this.#version.identity - 1
    this.#send({ type: 'AuthError', error, baseVersion, authUpdateAttempted })
    this.#close(CLOSE_POLICY, 'AuthError')
  }

  /** Brings the client to the latest commit, with all its queries: none is shown newer than another. */
  async #transition(modifications: StateModification[], identity: Partial<UserIdentity> | null, next: { querySet?: number, identity?: number }): Promise<void> {
    while (this.#unseen.length) modifications.push(...await this.#queries.refresh(identity, this.#unseen.splice(0)))
    const start = this.#version
    const end = { ...start, ...next, ts: this.options.deployment.ts }
    this.#version = end
    this.#send({
      type: 'Transition',
      startVersion: { ...start, ts: encodeTimestamp(start.ts) }, endVersion: { ...end, ts: encodeTimestamp(end.ts) }, modifications,
      ...(this.#clockSkew === undefined ? {} : { clientClockSkew: this.#clockSkew, serverTs: Date.now() * 1_000_000 }),
    })
    this.#clockSkew = undefined
  }

  #send(message: ServerMessage): void {
    if (this.#isOver) return
    const text = JSON.stringify(message)
    this.options.counts.sent(Buffer.byteLength(text))
    this.options.socket.send(text)
  }

  #close(code: number, reason: string): void {
    this.options.socket.close(code, reason)
    this.#stop()
  }
}
