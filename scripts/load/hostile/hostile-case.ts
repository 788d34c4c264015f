import type { ServerProcess } from '../server-process.ts'
import type { FillOrder } from '../server-order.ts'
import type { AttackName } from './attacks/index.ts'

/** One thing that holds others up, or would. */
export interface HostileCase {
  /** Number of the fault; a letter for its brothers. */
  id: string
  title: string
  /** What is in the store before. */
  fill?: FillOrder
  /** What a user does, from a process of their own. */
  attack?: AttackName
  /** What the operator does, or another process on the same file. */
  operate?: (place: HostilePlace) => Promise<unknown>
}

export interface HostilePlace {
  server: ServerProcess
  /** File of the store. */
  path: string
  /** Another server on the same file; it is ended with the first. */
  another: () => Promise<ServerProcess>
  /** Aborted when enough has been measured. */
  signal: AbortSignal
}
