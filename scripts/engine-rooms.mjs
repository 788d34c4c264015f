/** The rooms of the engine (folders of src/runtime/core/sync), lowest first: each may import from those before it, and from no other. */
export const ENGINE_ROOMS = [
  'environment', 'transport', 'records', 'rows', 'state', 'queue', 'context', 'database', 'capture', 'merge', 'push', 'pull', 'tabs', 'face', 'life',
]
