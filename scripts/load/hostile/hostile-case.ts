import type { ServerProcess } from '../server-process.ts'
import type { FillOrder } from '../server-order.ts'
import type { AttackName } from './attacks/index.ts'

/** Something that one user or the operator does, and that may slow others down. */
export interface HostileCase {
  /** Number of the fault, with a letter for variants of it. */
  id: string
  title: string
  /** What the store holds at the beginning. */
  fill?: FillOrder
  /** What a user does, in a process of its own. */
  attack?: AttackName
  /** What the operator does, or another process that uses the same file. */
  operate?: (place: HostilePlace) => Promise<unknown>
}

export interface HostilePlace {
  server: ServerProcess
  /** File of the store. */
  path: string
  /** Starts another server on the same file. It is stopped with the first one. */
  another: () => Promise<ServerProcess>
  /** Aborted when enough has been measured. */
  signal: AbortSignal
}
