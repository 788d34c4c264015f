/** An order that the parent process sends to the server process. */
export type ServerOrder =
  /** Collects garbage, then answers its resident bytes and the number of open streams. */
  | { do: 'measure' }
  /** Starts a new measurement of stalls. */
  | { do: 'reset' }
  /** Answers the longest stall of the event loop since `reset`, and the CPU time of the process so far, both in milliseconds. */
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
  /** Characters of text in each record, which do not compress. 0: the records are deleted ones. */
  length: number
}

export interface ServerAnswer {
  memory?: number
  streams?: number
  stallMs?: number
  cpuMs?: number
  error?: string
}
