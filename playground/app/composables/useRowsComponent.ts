import type { Component } from 'vue'
import MessageRows from '~/components/MessageRows.vue'

/** A list with more rows than this only has those in the page that are in sight. */
const MANY = 200

/**
 * The component that shows the rows of a list. Of a long list it is another one, whose code is loaded then. `beforeChange` is called just before
 * the one replaces the other.
 */
export function useRowsComponent(count: () => number, beforeChange: () => void): Readonly<Ref<Component>> {
  const rows = shallowRef<Component>(MessageRows)
  watch(() => count() > MANY, async (isMany) => {
    if (!isMany || rows.value !== MessageRows) return
    // Offline it may not come. Then the list goes on with all of its rows.
    const loaded = await import('~/components/VirtualRows.vue').catch(() => undefined)
    if (!loaded) return
    beforeChange()
    rows.value = loaded.default
  }, { immediate: true })
  return rows
}
