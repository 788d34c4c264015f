/**
 * Does some work for each item, one after the other, within a Dexie transaction. Where the work needs no request to the database it returns
 * undefined, and is not awaited: Dexie loses its transaction after about 100 awaits in a row without a request.
 */
export async function inTurn<T>(items: Iterable<T>, work: (item: T) => Promise<unknown> | undefined): Promise<void> {
  for (const item of items) {
    const done = work(item)
    if (done) await done
  }
}
