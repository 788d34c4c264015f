/** What went wrong, in words for the user. */
export function errorWords(error: unknown): string {
  const { name, data, message, status } = error as { name?: string, data?: { message?: string }, message?: string, status?: number }
  if (name === 'FetchError' && status === undefined) return 'The server cannot be reached. Try again in a while.'
  return data?.message || message || 'That did not work.'
}
