import type { H3Event } from 'h3'
import type { PageContext } from '#or3-sync/shared/sync/query/page-reader'
import { startedGateway } from './started-gateway'

/**
 * How the Vue app that renders the page of this request reads from the store. Nothing is asked before `reader()` is called. A page that is
 * rendered to be kept, and shown to others, has no reader.
 */
export function pageContext(event: H3Event, isOn: boolean): PageContext {
  return {
    reader: async () => {
      if (!isOn || import.meta.prerender || isForAll(event)) return null
      return await (await startedGateway()).pageReader(event)
    },
  }
}

/**
 * Whether the page is cached by a route rule (`swr`, `cache`, `isr`). Nitro then renders it with a request without cookies, but this event is that
 * of the visitor who came first: it has their cookies, and shares its context.
 */
function isForAll({ context }: H3Event): boolean {
  const rules = (context.nitro as { routeRules?: { isr?: unknown } } | undefined)?.routeRules
  return context.cache !== undefined || Boolean(rules?.isr)
}
