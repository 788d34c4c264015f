/** What every measure needs. */
export interface RunSettings {
  origin: string
  /** Rows of the bulk write, the drain and the bootstrap. */
  rows: number
  /** Id of a workspace nothing has been written to. */
  nextWorkspace: () => string
}
