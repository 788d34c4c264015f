import type { SimulationReport } from './simulate'

const TAIL_LINES = 60

/** An invariant did not hold in a history. The message ends with the last events. */
export class SimulationError extends Error {
  override name = 'SimulationError'

  constructor(cause: Error, readonly report: SimulationReport) {
    super(`seed ${report.seed}: ${cause.message}\n${report.log.slice(-TAIL_LINES).join('\n')}`, { cause })
  }
}
