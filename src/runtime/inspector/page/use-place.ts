import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

export const VIEWS = ['overview', 'outbox', 'conflicts', 'quarantine', 'tables', 'timeline', 'why'] as const
export type ViewName = typeof VIEWS[number]

/** What is shown. `table` and `pk`: of which record. */
export interface Place {
  view: ViewName
  table: string
  pk: string
}

/** Reads a place from a URL's hash. What is unknown leads to the overview. */
export function readPlace(hash: string): Place {
  const [name, query = ''] = hash.replace(/^#\/?/, '').split('?') as [string, string?]
  const search = new URLSearchParams(query)
  return { view: VIEWS.find(view => view === name) ?? 'overview', table: search.get('table') ?? '', pk: search.get('pk') ?? '' }
}

/** The hash for a place: a link that can be kept. */
export function writePlace({ view, table = '', pk = '' }: { view: ViewName, table?: string, pk?: string }): string {
  const search = new URLSearchParams({ ...table && { table }, ...pk && { pk } }).toString()
  return `#/${view}${search ? `?${search}` : ''}`
}

interface Navigation {
  place: Readonly<ShallowRef<Place>>
  go: (to: { view: ViewName, table?: string, pk?: string }) => void
}

const NAVIGATION: InjectionKey<Navigation> = Symbol('or3-sync inspector place')

/** Begins at the place in this window's URL. */
export function providePlace(): Navigation {
  const place = shallowRef(readPlace(window.location.hash))
  const navigation: Navigation = {
    place,
    go({ view, table = '', pk = '' }) {
      place.value = { view, table, pk }
      // Not by the hash itself: the app's router would notice that, and might lead elsewhere.
      window.history.replaceState(window.history.state, '', writePlace(place.value))
    },
  }
  provide(NAVIGATION, navigation)
  return navigation
}

export function usePlace(): Navigation {
  return inject(NAVIGATION)!
}
