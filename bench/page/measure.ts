/** Milliseconds that `work` took, to its last await. */
export async function measure(work: () => PromiseLike<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
