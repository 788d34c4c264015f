import { shallowRef, type Ref } from 'vue'

export interface Attempts {
  /** The message of the last action's error. Empty: it has succeeded. */
  problem: Readonly<Ref<string>>
  /** Runs an action of the user. @returns whether it has succeeded. */
  attempt: (action: () => Promise<unknown>) => Promise<boolean>
}

/** Keeps the error of the user's last action, to be shown. `onError` also gets it. */
export function useAttempts(onError: (error: unknown) => void): Attempts {
  const problem = shallowRef('')
  return {
    problem,
    async attempt(action) {
      problem.value = ''
      try { await action() }
      catch (error) {
        problem.value = error instanceof Error ? error.message : String(error)
        onError(error)
        return false
      }
      return true
    },
  }
}
