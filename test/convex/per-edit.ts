import type { CountsReport } from './loopback/call-counts'

/** The cost of one edit, without what devices tell of their cursors: that goes by time, not by edits. */
export interface EditCost {
  /** By path. */
  calls: Record<string, number>
  documentsRead: number
  bytesRead: number
  documentsWritten: number
  bytesWritten: number
  /** Over the wire, from the devices and to them. */
  bytesIn: number
  bytesOut: number
}

export function perEdit({ functions, bytesIn, bytesOut }: CountsReport, edits: number): EditCost {
  const share = (sum: number) => Math.round(sum / edits * 10) / 10
  const counted = Object.entries(functions).filter(([path]) => path !== 'sync:updateDeviceCursor').map(([, count]) => count)
  const sum = (of: 'documentsRead' | 'bytesRead' | 'documentsWritten' | 'bytesWritten') => share(counted.reduce((total, count) => total + count[of], 0))
  return {
    calls: Object.fromEntries(Object.entries(functions).map(([path, { calls }]) => [path, share(calls)])),
    documentsRead: sum('documentsRead'), bytesRead: sum('bytesRead'), documentsWritten: sum('documentsWritten'), bytesWritten: sum('bytesWritten'),
    bytesIn: share(bytesIn), bytesOut: share(bytesOut),
  }
}
