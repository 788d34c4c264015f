/** Runs an action of the user, and shows an error instead of throwing it. */
export function useAttempt() {
  const toasts = useToasts()
  return async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    }
    catch (error) {
      toasts.add({ title: errorWords(error), color: 'error', icon: 'i-lucide-triangle-alert' })
      return undefined
    }
  }
}
