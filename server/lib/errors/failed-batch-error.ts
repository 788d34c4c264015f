/** A store that is there has failed over this very batch, and may take others. Who sent it looks for what is wrong in it. */
export class FailedBatchError extends Error {
  override name = 'FailedBatchError'
}
