import { Session } from 'node:inspector'
import type { Profiler } from 'node:inspector'
import type { BranchPlace } from './branches-of-code.ts'
import { takenBranches } from './taken-branches.ts'

/** Counts how often the blocks of one script run in this thread, with V8's precise coverage. */
export class BlockCounter {
  #session = new Session()
  #url: string
  #branches: readonly BranchPlace[]

  /** Begins to count. @param url the script's `import.meta.url`. */
  constructor(url: string, branches: readonly BranchPlace[]) {
    this.#url = url
    this.#branches = branches
    this.#session.connect()
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** The indexes of the branches that were taken since the last call. */
  take(): number[] {
    const { result } = this.#post<Profiler.TakePreciseCoverageReturnType>('Profiler.takePreciseCoverage')
    return takenBranches(this.#branches, result.find(({ url }) => url === this.#url)?.functions ?? [])
  }

  /** Within one thread, the inspector answers before `post` returns. */
  #post<T>(method: string, params: object = {}): T {
    let answer: { error: Error | null, result?: object } | undefined
    this.#session.post(method, params, (error, result) => { answer = { error, result } })
    if (!answer) throw new Error(`${method} was not answered at once`)
    if (answer.error) throw new Error(`${method} failed`, { cause: answer.error })
    return answer.result as T
  }
}
