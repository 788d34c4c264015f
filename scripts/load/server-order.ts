/** What the server process can be told to do beside serving. */
export type ServerOrder =
  /** Collects garbage, then tells its resident bytes and its open streams. */
  | { do: 'measure' }
  /** Begins to measure stalls anew. */
  | { do: 'reset' }
  /** Tells the longest stall of the event loop since then, and the CPU time of the process so far, both in milliseconds. */
  | { do: 'stall' }
  | FillOrder
  | { do: 'gc' }
  | { do: 'erase', workspace: string }
  /** Closes the store and ends. */
  | { do: 'stop' }

export interface FillOrder {
  do: 'fill'
  workspace: string
  records: number
  /** Characters of text in each, which cannot be packed. 0: deleted records. */
  length: number
}

export interface ServerAnswer {
  memory?: number
  streams?: number
  stallMs?: number
  cpuMs?: number
  error?: string
}
