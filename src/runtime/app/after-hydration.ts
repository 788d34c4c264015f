import { getCurrentInstance, onMounted, shallowRef } from 'vue'

/**
 * What a component may show: `first` as long as it takes over what the server rendered, which knew no more than that; then, and for
 * everybody else at once, `real`. To be called in `setup` or while rendering. Both have the same fields.
 */
export function afterHydration<T extends object>(first: T, real: T): T {
  const instance = getCurrentInstance()
  // Only a component that takes over an element has one before it is mounted.
  if (!instance || instance.isMounted || !instance.vnode.el) return real
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
