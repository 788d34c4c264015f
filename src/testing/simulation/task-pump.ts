/** Real turns of the event loop are rare: they are only for whatever else lives in this process. */
const TASKS_PER_REAL_TURN = 2_000

/**
 * Runs what fake-indexeddb queues, one task at a time, each followed by everything that it sets off. fake-indexeddb looks
 * `setImmediate` up at each call, so taking its place puts every step of every transaction under our control.
 *
 * Node only. One simulation at a time in a process: `install` throws when another one is running.
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

  /** Waits for work that takes real turns of the event loop (h3 answers that way) before the pump counts as quiet. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++
    try { return await work }
    finally { this.#outside-- }
  }

  /** Runs up to `limit` tasks. @returns whether nothing is left to do before time moves on. */
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

/** A tick runs only when no microtask is left; twice, because microtasks may queue ticks of their own. */
async function settleMicrotasks(): Promise<void> {
  await new Promise<void>((resolve) => { process.nextTick(resolve) })
  await new Promise<void>((resolve) => { process.nextTick(resolve) })
}
