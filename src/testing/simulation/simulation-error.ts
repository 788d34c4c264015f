import type { SimulationReport } from './simulate'

const TAIL_LINES = 60

/** A history in which something that must hold did not. Its message ends with the last things that happened. */
export class SimulationError extends Error {
  override name = 'SimulationError'

  constructor(cause: Error, readonly report: SimulationReport) {
    super(`seed ${report.seed}: ${cause.message}\n${report.log.slice(-TAIL_LINES).join('\n')}`, { cause })
  }
}
