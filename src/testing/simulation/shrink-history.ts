import { allSteps, simulate, type SimulateOptions } from './simulate'
import { SimulationError } from './simulation-error'
import { InvariantViolation } from './step-checks'

export interface ShrinkOptions {
  /** The most histories to play. Default: 150. */
  maxRuns?: number
  /** Called with each smaller list of steps that still fails. */
  onSmaller?: (steps: readonly number[], runs: number) => void
}

export interface ShrunkHistory {
  /** The `steps` option of `simulate` that plays it again. */
  steps: readonly number[]
  /** How that history fails, with its log. */
  error: SimulationError
  /** How many histories were played. */
  runs: number
}

/**
 * Leaves out steps of a failing history while the rest still fails in the same way: by the same invariant, or with the same kind of error.
 * It shrinks by fast-check, which must be installed.
 *
 * @throws RangeError when the history does not fail
 */
export async function shrinkHistory(options: SimulateOptions, { maxRuns = 150, onSmaller }: ShrinkOptions = {}): Promise<ShrunkHistory> {
  const { default: fc } = await import('fast-check')
  const whole = [...options.steps ?? allSteps(options)]
  const first = await play(options, whole)
  if (!first) throw new RangeError(`seed ${options.seed} does not fail: there is nothing to shrink`)
  const found: ShrunkHistory = { steps: whole, error: first, runs: 1 }
  const holds = async (steps: number[]): Promise<boolean> => {
    if (steps.length === whole.length) return false
    if (found.runs >= maxRuns) return true
    found.runs++
    const error = await play(options, steps)
    if (!error || kindOf(error) !== kindOf(first)) return true
    Object.assign(found, { steps, error })
    onSmaller?.(steps, found.runs)
    return false
  }
  // The whole history is the only example. It fails, so fast-check goes on to shrink it.
  await fc.check(fc.asyncProperty(fc.subarray(whole), holds), { numRuns: 1, examples: [[whole]], seed: options.seed })
  return found
}

async function play(options: SimulateOptions, steps: readonly number[]): Promise<SimulationError | null> {
  try {
    await simulate({ ...options, steps })
    return null
  }
  catch (error) {
    if (error instanceof SimulationError) return error
    throw error
  }
}

function kindOf({ cause }: SimulationError): string {
  return cause instanceof InvariantViolation ? cause.invariant : (cause as Error).name
}
