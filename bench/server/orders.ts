import type { SubjectName } from '../subject-name'

/** What the benchmark asks of its server, past the network of the subjects. The answers are `OrderAnswer`. */
export type Order =
  /** Writes `count` new rows into the subject's store; they are numbered from `first`. Answers the keys of the first ten. */
  | { do: 'fill', subject: SubjectName, workspace: string, first: number, count: number }
  | { do: 'retitle', subject: SubjectName, workspace: string, keys: string[], title: string }
  | { do: 'count', subject: SubjectName, workspace: string }
  /** Begins a CPU profile of the server's process. */
  | { do: 'profile' }
  /** Ends the CPU profile, and writes it to this file. */
  | { do: 'end-profile', file: string }

export interface OrderAnswer {
  keys?: string[]
  count?: number
}
