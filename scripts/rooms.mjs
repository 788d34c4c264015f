/**
 * The halls of the source and their rooms (folders), lowest first: a file imports from its own room and from lower ones.
 * `faces` are the files outside the rooms; they may import from all of them.
 */
export const HALLS = [
  {
    folder: 'src/runtime/shared/sync',
    rooms: ['waiting', 'protocol', 'errors', 'schema', 'rows', 'store', 'query', 'settings'],
    faces: ['types.ts'],
  },
  {
    folder: 'src/runtime/core/sync',
    rooms: ['states', 'environment', 'transport', 'records', 'decide', 'rows', 'progress', 'queue', 'context', 'database', 'capture', 'merge', 'push', 'pull', 'tabs', 'face', 'life'],
    faces: ['create-sync-engine.ts', 'sync-provider-registry.ts'],
  },
  {
    folder: 'src/runtime/inspector',
    rooms: ['record', 'network', 'why', 'source', 'bridge', 'page'],
    faces: ['attach-inspector.ts', 'inspector-path.ts'],
  },
  {
    folder: 'server/lib',
    rooms: ['errors', 'tokens', 'session', 'backends', 'observe', 'http', 'limits', 'wire', 'changes', 'service', 'stream', 'context', 'requests', 'routes'],
    faces: ['create-sync-gateway.ts', 'index.ts'],
  },
]
