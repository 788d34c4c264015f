/** `or3-sync/testing/simulation`: only the simulation, for programs that run outside of vitest. */
export { simulate } from './simulate'
export type { SimulateOptions, SimulationReport } from './simulate'
export type { SimWorldOptions } from './sim-world'
export { shrinkHistory } from './shrink-history'
export type { ShrinkOptions, ShrunkHistory } from './shrink-history'
export { SimulationError } from './simulation-error'
export { DEFAULT_FAULTS, NO_FAULTS } from './fault-rates'
export type { FaultRates } from './fault-rates'
