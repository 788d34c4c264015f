import type { BackendList, RowList } from '../backend'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'
import type { ConvexArgs, ConvexReturns } from './convex-deployment'
import { toChangeRow } from './convex-rows'

/** How often a list is begun anew because somebody has written meanwhile. */
const MAX_STARTS = 10

/**
 * A list from the function `list`. One call passes over so many deleted records at most; where it has found nothing but those, the next goes on.
 * If somebody writes between two such calls, the list begins anew, so that it shows one moment.
 *
 * @throws BackendUnavailableError when somebody writes all the time
 */
export async function listConvex({ workspaceId, tableName, prefix, after, limit, order, maxBytes }: BackendList, call: (args: ConvexArgs<'list'>) => Promise<ConvexReturns<'list'>>): Promise<RowList> {
  const args = { workspaceId, tableName, ...prefix !== undefined && { prefix }, limit, order, maxBytes }
  const from = (key: string | undefined) => call({ ...args, ...key !== undefined && { after: key } })
  for (let start = 0; start < MAX_STARTS; start++) {
    const first = await from(after)
    let page = first
    while (page.rows.length === 0 && page.next !== null && page.version === first.version) page = await from(page.next)
    if (page.version === first.version) return { rows: page.rows.map(toChangeRow), hasMore: page.next !== null }
  }
  throw new BackendUnavailableError('a list could not be read because the workspace was written to all the time')
}
