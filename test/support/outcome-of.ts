/** What has become of a promise: `waits`, `resolved`, or the code of the error that it was rejected with. */
export function outcomeOf(promise: Promise<unknown>): { get: () => string } {
  let outcome = 'waits'
  promise.then(() => { outcome = 'resolved' }, (error: { code?: string, message: string }) => { outcome = error.code ?? error.message })
  return { get: () => outcome }
}
