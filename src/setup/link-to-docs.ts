import { isStartError, messageWithLink } from '../runtime/shared/sync/errors/start-error'

/** Runs the setup. An error that stops the build gets a link to its docs at the end of its line. */
export async function linkToDocs(setup: () => Promise<void>): Promise<void> {
  try { await setup() }
  catch (error) {
    if (isStartError(error)) {
      const hasOwnStack = error.stack !== error.message
      error.message = messageWithLink(error)
      // The mistake is in the user's configuration: there is only the line.
      if (!hasOwnStack) error.stack = error.message
    }
    throw error
  }
}
