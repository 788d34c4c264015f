/** Runs something the user asked for; a refusal is shown instead of thrown. */
export function useAttempt() {
  const toast = useToast()
  return async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    }
    catch (error) {
      toast.add({ title: errorWords(error), color: 'error', icon: 'i-lucide-triangle-alert' })
      return undefined
    }
  }
}
