import type { Row } from '../../page/rows'

/** What the benchmark does with a store directly, past the network. */
export interface BenchStore {
  /** Writes new rows, in this order. */
  fill(workspace: string, rows: Row[]): Promise<void>
  /** Gives the rows with these keys another title, as another device would. */
  retitle(workspace: string, keys: string[], title: string): Promise<void>
  /** Counts the rows. */
  count(workspace: string): Promise<number>
}
