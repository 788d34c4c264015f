import type { IdbStore } from '../browser.ts'
import type { SubjectName } from '../subject-name.ts'
import type { Target, Unit } from '../table.ts'

/** What one subject has reached in a row. */
export interface SubjectValue {
  /** The median, or what the row says, of all samples. */
  value: number
  /** The lowest and the highest sample. */
  lowest: number
  highest: number
  samples: number
}

export interface RowResult {
  id: string
  name: string
  unit: Unit
  target?: Target
  /** How many rows one sample is about, if the cost of each is of interest. */
  rows?: number
  values: Partial<Record<SubjectName, SubjectValue>>
  /** Why a subject has no value. */
  errors?: Partial<Record<SubjectName, string>>
}

/** A file in `bench/results`. */
export interface ResultFile {
  /** ISO 8601. */
  at: string
  /** Ends with `-dirty` when the checkout had changes. */
  commit: string
  command: string
  machine: { cpu: string, cores: number, memoryGiB: number, node: string, chromium: string, loadBefore: number }
  idb: IdbStore
  rounds: number
  rows: number
  /** Whether it has all rows of the table. */
  isComplete: boolean
  /** How long it took, in seconds. */
  seconds: number
  results: RowResult[]
}
