import type { JSONValue } from 'convex/values'
import type { CountsReport } from './call-counts'

/** What a test may ask of the loopback's process, by name. */
export interface LoopbackCommands {
  /** The next mutations fail as conflicts: HTTP 503, on a socket close 1013. */
  conflict: (times: number) => void
  /** The next mutations commit, and their connection breaks before the reply. */
  loseReply: (times: number) => void
  dropSockets: () => void
  /** How many are open. */
  sockets: () => number
  /** While true no socket is taken. */
  refuseSockets: (refuse: boolean) => void
  /** Every token seen so far is expired. */
  expireTokens: () => void
  /** What the functions take for the time, in epoch milliseconds; null: the real one. */
  setTime: (now: number | null) => void
  /** Empties every table. */
  reset: () => void
  counts: () => CountsReport
  resetCounts: () => void
  /** Runs a mutation, internal ones too, as `npx convex run` does. Fails when it fails. */
  run: (path: string, args: JSONValue) => JSONValue
  stop: () => void
}

export type CommandName = keyof LoopbackCommands

export interface CommandMessage {
  id: number
  name: CommandName
  args: unknown[]
}

export type ReplyMessage =
  | { listening: number }
  | { id: number, value: unknown }
  | { id: number, error: string }
