import { AsyncLocalStorage } from 'node:async_hooks'
import { makeFunctionReference, type SchemaDefinition, type GenericSchema, type UserIdentity } from 'convex/server'
import { jsonToConvex, type JSONValue, type Value } from 'convex/values'
import { convexTest } from 'convex-test'
import { type FunctionModule, isRegistered, type RegisteredFunction } from './app-module'
import type { CallCounts } from './call-counts'
import { checkCall } from './document-rules'
import { currentExecution, type Execution, newExecution } from './execution'
import { failed, type FunctionOutcome, succeeded } from './function-outcome'
import { observeSyscalls } from './observe-syscalls'
import type { ReadRange, WrittenDocument } from './read-set'

/** The functions of a deployment, with their tables. */
export interface DeploymentOptions {
  schema: SchemaDefinition<GenericSchema, boolean>
  /** By their path below `convex/`, without ending: `{ sync: … }`. */
  modules: Record<string, FunctionModule>
  counts: CallCounts
}

export interface QueryRun {
  outcome: FunctionOutcome
  reads: readonly ReadRange[]
}

export interface MutationRun {
  outcome: FunctionOutcome
  /** When it committed: later than every commit before it. */
  ts: bigint
}

type Kind = 'query' | 'mutation'

/** The functions with their database: transactions one after the other, each with its timestamp. */
export class Deployment {
  #test
  readonly #modules
  readonly #counts: CallCounts
  readonly #listeners = new Set<(writes: readonly WrittenDocument[]) => void>()
  /** Runs what belongs to no function: `convex-test` takes a query that a function's own context begins for a part of that function. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #ts = 1n

  constructor(private readonly options: DeploymentOptions) {
    this.#counts = options.counts
    this.#modules = Object.fromEntries(Object.entries(options.modules).map(([path, module]) => [path, this.#watched(module)]))
    this.#test = this.#open()
    observeSyscalls()
  }

  /** Empties every table. */
  reset(): void {
    this.#test = this.#open()
  }

  /** The latest commit. */
  get ts(): bigint {
    return this.#ts
  }

  /** Calls back after each commit. */
  onCommit(listener: (writes: readonly WrittenDocument[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** With `asOwner` internal functions may be called, too. */
  async query(path: string, args: JSONValue, identity: Partial<UserIdentity> | null, { asOwner = false } = {}): Promise<QueryRun> {
    const { outcome, execution } = await this.#run('query', path, args, identity, asOwner)
    return { outcome, reads: execution.reads }
  }

  /** With `asOwner` internal functions may be called, too: what `npx convex run` does. */
  async mutation(path: string, args: JSONValue, identity: Partial<UserIdentity> | null, { asOwner = false } = {}): Promise<MutationRun> {
    const { outcome, execution } = await this.#run('mutation', path, args, identity, asOwner)
    if (outcome.ok) this.#committed(execution.writes)
    return { outcome, ts: this.#ts }
  }

  #open() {
    const modules = Object.entries(this.#modules).map(([path, module]) => [`convex/${path}.ts`, async () => module] as const)
    return convexTest({
      schema: this.options.schema, transactionLimits: true,
      // convex-test finds the folder of the functions by its `_generated`, which only a real deployment makes.
      modules: Object.fromEntries([['convex/_generated/api.js', async () => ({})], ...modules]),
    })
  }

  async #run(kind: Kind, path: string, args: JSONValue, identity: Partial<UserIdentity> | null, asOwner = false): Promise<{ outcome: FunctionOutcome, execution: Execution }> {
    const execution = newExecution()
    const outcome = await currentExecution.run(execution, async (): Promise<FunctionOutcome> => {
      try {
        this.#find(kind, path, asOwner)
        checkCall('the arguments', args)
        const caller = identity ? this.#test.withIdentity(identity) : this.#test
        const values = jsonToConvex(args) as Record<string, Value>
        const result = succeeded(kind === 'query'
          ? await caller.query(makeFunctionReference<'query'>(path), values)
          : await caller.mutation(makeFunctionReference<'mutation'>(path), values))
        if (result.ok) checkCall('the result', result.value)
        return result
      }
      catch (thrown) { return failed(thrown) }
    })
    execution.isOver = true
    this.#counts.ran(path, execution)
    return { outcome, execution }
  }

  #find(kind: Kind, path: string, asOwner: boolean): void {
    const [file, name = 'default'] = path.split(':') as [string, string?]
    const found = this.#modules[file]?.[name]
    const fits = isRegistered(found) && (found.isPublic || asOwner) && (kind === 'query' ? found.isQuery : found.isMutation)
    if (!fits) throw new Error(`Could not find public function for '${path}'`)
  }

  /** What a scheduled function writes has no caller here: it is told to the subscribers when the function has ended. */
  #watched(module: FunctionModule): FunctionModule {
    return Object.fromEntries(Object.entries(module).map(([name, found]) => {
      if (!isRegistered(found) || !found.isMutation) return [name, found]
      const handler = async (ctx: unknown, args: unknown) => {
        if (currentExecution.getStore()?.isOver === false) return await found._handler(ctx, args)
        const execution = newExecution()
        const result = await currentExecution.run(execution, () => found._handler(ctx, args))
        this.#outside(() => setImmediate(() => this.#committed(execution.writes)))
        return result
      }
      return [name, Object.assign(() => {}, found, { _handler: handler } satisfies Partial<RegisteredFunction>)]
    }))
  }

  #committed(writes: readonly WrittenDocument[]): void {
    const now = BigInt(Date.now()) * 1_000_000n
    this.#ts = now > this.#ts ? now : this.#ts + 1n
    for (const listener of this.#listeners) listener(writes)
  }
}
