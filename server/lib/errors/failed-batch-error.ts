/** The store works, but failed over this batch. It may take others. The client then looks for the edit that causes it. */
export class FailedBatchError extends Error {
  override name = 'FailedBatchError'
}
