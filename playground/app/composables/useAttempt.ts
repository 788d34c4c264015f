/** Runs something the user asked for; a refusal is shown instead of thrown. */
export function useAttempt() {
  const toast = useToast()
  return async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    }
    catch (error) {
      toast.add({ title: messageOf(error), color: 'error', icon: 'i-lucide-triangle-alert' })
      return undefined
    }
  }
}

function messageOf(error: unknown): string {
  const { data, message } = error as { data?: { message?: string }, message?: string }
  return data?.message ?? message ?? 'That did not work'
}
