/** What every measure needs. */
export interface RunSettings {
  origin: string
  /** Rows of the bulk write, the drain and the bootstrap. */
  rows: number
  /** Returns the id of a workspace to which nothing has been written. */
  nextWorkspace: () => string
}
