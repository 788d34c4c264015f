import { until, type TodoEngine } from './engine-harness'

/** Follows the state of a row. `seen`: all states since then. */
export function followRow(engine: Pick<TodoEngine, 'rowState'>, tableName: string, pk: string) {
  const state = engine.rowState(tableName, pk)
  const seen: string[] = []
  const stop = state.subscribe(({ name }) => seen.push(name))
  return { get: () => state.get().name, error: () => state.get().error, seen, stop, is: (name: string) => until(() => state.get().name, now => now === name) }
}
