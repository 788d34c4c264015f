import { SyncError } from '../../shared/sync/protocol/errors'
import type { SyncProvider } from '../../shared/sync/protocol/types'

/**
 * The providers of this app. The active one is the first of these that there is: the one whose id was set by the app or by `OR3_SYNC_PROVIDER`;
 * the only one that the app has registered; the built-in default.
 */
export interface SyncProviderRegistry {
  register: (provider: SyncProvider, options?: { builtIn?: boolean }) => void
  setActive: (id: string | null) => void
  /** @throws SyncError `NOT_FOUND` when the id that is set belongs to no registered provider. */
  active: (configuredId?: string) => SyncProvider | null
  get: (id: string) => SyncProvider | undefined
  onChange: (callback: () => void) => () => void
}

const DEFAULT_PROVIDER = 'gateway'

export function createSyncProviderRegistry(): SyncProviderRegistry {
  const providers = new Map<string, { provider: SyncProvider, builtIn: boolean }>()
  const listeners = new Set<() => void>()
  let activeId: string | null = null
  const changed = () => { for (const listener of [...listeners]) listener() }

  return {
    register(provider, { builtIn = false } = {}) {
      checkProvider(provider)
      const before = providers.get(provider.id)?.provider
      if (before && before !== provider) disposeOf(before)
      providers.set(provider.id, { provider, builtIn })
      if (!builtIn) changed()
    },
    setActive(id) {
      activeId = id
      changed()
    },
    active(configuredId) {
      const id = activeId ?? (configuredId || null)
      if (id) {
        const found = providers.get(id)
        if (!found) throw new SyncError('NOT_FOUND', `sync provider "${id}" is not registered; registered are: ${[...providers.keys()].join(', ') || 'none'}`)
        return found.provider
      }
      const own = [...providers.values()].filter(({ builtIn }) => !builtIn)
      return own.length === 1 ? own[0]!.provider : providers.get(DEFAULT_PROVIDER)?.provider ?? null
    },
    get: id => providers.get(id)?.provider,
    onChange(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
}

function checkProvider(provider: SyncProvider): void {
  const fail = (what: string): never => { throw new SyncError('VALIDATION_ERROR', `a sync provider ${what}`) }
  if (!provider || typeof provider !== 'object') fail('must be an object')
  if (typeof provider.id !== 'string' || !provider.id) fail('needs an id, a string')
  for (const method of ['subscribe', 'pull', 'push'] as const) {
    if (typeof provider[method] !== 'function') fail(`needs the method ${method}()`)
  }
}

/** The page's registry. Client only: a server would share it between requests. */
export const syncProviders = createSyncProviderRegistry()

/** Makes a provider known. Registering the same id again replaces it. */
export function registerSyncProvider(provider: SyncProvider): void {
  syncProviders.register(provider)
}

/** Chooses the provider by its id; null goes back to the default. The engine restarts with it. */
export function setActiveSyncProvider(id: string | null): void {
  syncProviders.setActive(id)
}

/** Disposes of a provider that was replaced. Its errors concern nobody any more. */
function disposeOf(provider: SyncProvider): void {
  void Promise.resolve().then(() => provider.dispose?.()).catch(() => {})
}
