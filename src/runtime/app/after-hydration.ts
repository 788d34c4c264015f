import { getCurrentInstance, onMounted, shallowRef, type ComponentInternalInstance } from 'vue'

/** The current component, if it is about to hydrate HTML that the server rendered. Call it in `setup` or while rendering. */
export function hydratingComponent(): ComponentInternalInstance | null {
  const instance = getCurrentInstance()
  // Before mounting, only a component that hydrates existing HTML has an element.
  return instance && !instance.isMounted && instance.vnode.el ? instance : null
}

/**
 * Avoids hydration mismatches. While a component hydrates HTML that the server rendered, the result reads from `first`, the state that the
 * server rendered with. Once it is mounted, the result reads from `real`. All other components read from `real` at once.
 * Call it in `setup` or while rendering. `first` and `real` must have the same fields.
 */
export function afterHydration<T extends object>(first: T, real: T): T {
  const instance = hydratingComponent()
  if (!instance) return real
  const isMounted = shallowRef(false)
  onMounted(() => { isMounted.value = true }, instance)
  const shown = () => isMounted.value ? real : first
  return new Proxy(first, {
    get: (_, key) => Reflect.get(shown(), key) as unknown,
    has: (_, key) => Reflect.has(shown(), key),
    ownKeys: () => Reflect.ownKeys(shown()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(shown(), key),
  })
}
