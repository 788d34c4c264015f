import type { Execution } from './execution'

/** What one function cost since the counts were last set back. */
export interface FunctionCount {
  calls: number
  indexRanges: number
  documentsRead: number
  bytesRead: number
  documentsWritten: number
  bytesWritten: number
}

export interface CountsReport {
  /** By path: `sync:push`. */
  functions: Record<string, FunctionCount>
  /** Bytes of WebSocket messages and HTTP bodies, without frames and headers. */
  bytesIn: number
  bytesOut: number
  /** Sockets that were opened. */
  sockets: number
}

/** Counts what a deployment would bill: function calls, database bandwidth, and what went over the wire. */
export class CallCounts {
  #report = empty()

  ran(path: string, execution: Execution): void {
    const count = this.#report.functions[path] ??= { calls: 0, indexRanges: 0, documentsRead: 0, bytesRead: 0, documentsWritten: 0, bytesWritten: 0 }
    count.calls++
    count.indexRanges += execution.indexRanges
    count.documentsRead += execution.documentsRead
    count.bytesRead += execution.bytesRead
    count.documentsWritten += execution.documentsWritten
    count.bytesWritten += execution.bytesWritten
  }

  received(bytes: number): void {
    this.#report.bytesIn += bytes
  }

  sent(bytes: number): void {
    this.#report.bytesOut += bytes
  }

  opened(): void {
    this.#report.sockets++
  }

  report(): CountsReport {
    return structuredClone(this.#report)
  }

  reset(): void {
    this.#report = empty()
  }
}

function empty(): CountsReport {
  return { functions: {}, bytesIn: 0, bytesOut: 0, sockets: 0 }
}
