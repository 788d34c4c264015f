import { docsLink } from '../shared/sync/errors/docs-link'
import { SyncError } from '../shared/sync/protocol/errors'

/** The links to the docs of the codes of these errors, for the end of a line in the console. Other details have none. */
export function linksOf(details: readonly unknown[]): string[] {
  return details.flatMap(detail => detail instanceof SyncError ? [docsLink(detail.code)] : [])
}
