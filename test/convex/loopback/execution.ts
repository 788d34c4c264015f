import { AsyncLocalStorage } from 'node:async_hooks'
import type { ReadRange, WrittenDocument } from './read-set'

/** What one run of a function did to the database. */
export interface Execution {
  reads: ReadRange[]
  writes: WrittenDocument[]
  indexRanges: number
  documentsRead: number
  bytesRead: number
  documentsWritten: number
  bytesWritten: number
  /** A function that was scheduled meanwhile still sees this run around it, and is one of its own. */
  isOver: boolean
}

export function newExecution(): Execution {
  return { reads: [], writes: [], indexRanges: 0, documentsRead: 0, bytesRead: 0, documentsWritten: 0, bytesWritten: 0, isOver: false }
}

/** The run that a syscall belongs to. */
export const currentExecution = new AsyncLocalStorage<Execution>()
