import type { H3Event } from 'h3'
import type { MemoryLimits } from '#or3-sync/shared/sync/settings/setting-types'
import { GatewayError } from '../errors/gateway-error'
import { onClose } from '../http/when-gone'
import { Budget } from './budget'
import type { Holding } from './budget'
import { FairTurns } from './fair-turns'

/** Bodies above this many bytes are parsed one at a time for each user, and two in all: the objects may take thirty times the size of the body. */
const LARGE_BODY_BYTES = 64 * 1024
/** Requests of one user that may wait. Each of them has a connection and its headers in memory. */
const LINE_MAX = 100
/** How long a request waits for room before it is refused, in milliseconds. */
const WAIT_MS = 5_000

export interface WorkUnderWayOptions {
  memory: Required<MemoryLimits>
  /** See `GatewayOptions.sliceMs`. */
  sliceMs: number
}

/** Counts what is under way: bytes of bodies, replies and stream pages, for each user and in all. It also decides whose turn it is. */
export class WorkUnderWay {
  /** Bytes of bodies, and of replies that clients have not taken yet. */
  readonly requests: Budget
  /** Bytes of pages that the readers of streams have not taken yet. */
  readonly streams: Budget
  readonly turns: FairTurns
  /** Streams have turns of their own, so a request waits for one slice of their work at most. */
  readonly streamTurns: FairTurns
  /** Large bodies that are being parsed. */
  readonly #largeBodies = new Budget({ perUser: 1, total: 2 })
  readonly #holdings = new WeakMap<H3Event, Holding[]>()

  constructor({ memory: { perUser, total }, sliceMs }: WorkUnderWayOptions) {
    this.requests = new Budget({ perUser, total, line: LINE_MAX })
    this.streams = new Budget({ perUser: perUser / 2, total: total / 2 })
    this.turns = new FairTurns(sliceMs)
    this.streamTurns = new FairTurns(sliceMs)
  }

  get heldBytes(): { requests: number, streams: number } {
    return { requests: this.requests.held, streams: this.streams.held }
  }

  /**
   * Counts bytes that the request is about to hold until its answer has been taken. Waits a few seconds for room.
   *
   * @throws GatewayError 429 if this user holds too much, 503 if all users together do
   */
  async hold(event: H3Event, userId: string, bytes: number): Promise<void> {
    const answer = await this.requests.take(userId, bytes, { waitMs: WAIT_MS, signal: () => goneSignal(event) })
    if (answer.status === 'full') throw tooMuch(answer.for)
    const holdings = this.#holdings.get(event)
    if (holdings) holdings.push(answer.holding)
    else this.#holdings.set(event, [answer.holding])
  }

  /**
   * Runs `work`, which parses a body, when it is this user's turn. Large bodies of one user are parsed one at a time, because of the memory
   * this takes.
   *
   * @throws GatewayError 429 or 503 after waiting too long
   */
  async readBody<Result>(userId: string, bytes: number, work: () => Promise<Result>): Promise<Result> {
    const answer = bytes > LARGE_BODY_BYTES ? await this.#largeBodies.take(userId, 1, { waitMs: WAIT_MS }) : undefined
    if (answer?.status === 'full') throw tooMuch(answer.for)
    try {
      await this.turns.take(userId)
      return await work()
    }
    finally { answer?.holding.release() }
  }

  /** Sets what the request really holds, now that it is known. */
  settle(event: H3Event, bytes: number): void {
    const [first, ...others] = this.#holdings.get(event) ?? []
    for (const holding of others) holding.release()
    first?.resize(bytes)
  }

  /** The request holds nothing any more. */
  release(event: H3Event): void {
    for (const holding of this.#holdings.get(event) ?? []) holding.release()
    this.#holdings.delete(event)
  }
}

/** Aborted when the client has gone. */
function goneSignal({ node: { res } }: H3Event): AbortSignal {
  const gone = new AbortController()
  onClose(res, () => gone.abort())
  return gone.signal
}

function tooMuch(whose: 'user' | 'all'): GatewayError {
  return whose === 'user'
    ? new GatewayError(429, 'RATE_LIMITED', 'too much of this user\'s data is under way; wait for the answers to earlier requests', { 'retry-after': '1' })
    : new GatewayError(503, 'SERVER_ERROR', 'the server has too much under way', { 'retry-after': '1' })
}
