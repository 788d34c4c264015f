/** The code of the `ConvexError` that a call ends with, or `allowed`; any other error is thrown on. */
export async function refusalOf(call: Promise<unknown>, detail?: 'message'): Promise<string> {
  try { await call }
  catch (error) {
    const { data } = error as { data?: unknown }
    // convex-test hands it out as text.
    const { code, message } = (typeof data === 'string' ? JSON.parse(data) : data ?? {}) as { code?: string, message?: string }
    if (code === undefined) throw error
    return detail ? `${code} ${message}` : code
  }
  return 'allowed'
}
