/** One real turn of the event loop follows after this many tasks, for the other code of this process. */
const TASKS_PER_REAL_TURN = 2_000

/**
 * Runs the tasks of fake-indexeddb one at a time, each followed by everything that it sets off. fake-indexeddb calls the global
 * `setImmediate` for each step of a transaction. The pump replaces that function, so it controls when each step happens.
 *
 * Node only. Only one simulation may run in a process at a time: `install` throws when another one is running.
 */
export class TaskPump {
  static #installed: TaskPump | null = null
  readonly #real = globalThis.setImmediate
  #tasks: (() => void)[] = []
  #next = 0
  #ran = 0
  #outside = 0

  install(): void {
    if (TaskPump.#installed) throw new Error('another simulation is running in this process; await it first')
    TaskPump.#installed = this
    const enqueue = (callback: (...args: unknown[]) => void, ...args: unknown[]) => { this.#tasks.push(() => callback(...args)) }
    globalThis.setImmediate = enqueue as unknown as typeof setImmediate
  }

  uninstall(): void {
    globalThis.setImmediate = this.#real
    TaskPump.#installed = null
    this.#tasks = []
  }

  /** Registers work that needs real turns of the event loop, such as an answer of h3. The pump is not quiet before it ends. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++
    try { return await work }
    finally { this.#outside-- }
  }

  /** Runs up to `limit` tasks. @returns whether nothing more is left to do at this virtual time. */
  async drain(limit = Infinity): Promise<boolean> {
    await settleMicrotasks()
    for (let count = 0; count < limit; count++) {
      while (this.#outside > 0) await this.#realTurn()
      const task = this.#tasks[this.#next]
      if (!task) {
        this.#tasks = []
        this.#next = 0
        return true
      }
      this.#next++
      task()
      await settleMicrotasks()
      if (++this.#ran % TASKS_PER_REAL_TURN === 0) await this.#realTurn()
    }
    return false
  }

  async #realTurn(): Promise<void> {
    await new Promise<void>((resolve) => { this.#real(resolve) })
    await settleMicrotasks()
  }
}

/** Waits until no microtask is left. A tick runs only then. It waits twice, because microtasks may queue ticks themselves. */
async function settleMicrotasks(): Promise<void> {
  await new Promise<void>((resolve) => { process.nextTick(resolve) })
  await new Promise<void>((resolve) => { process.nextTick(resolve) })
}
