import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Entry files of the package as the compiler sees them, with each other under their public names. Types of other packages are not loaded. */
export function publicProgram(entries: readonly string[]): ts.Program {
  return ts.createProgram(entries.map(entry => ROOT + entry), {
    noLib: true, types: [], module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ESNext, allowImportingTsExtensions: true, noEmit: true,
    resolveJsonModule: true, skipLibCheck: true, preserveSymlinks: true,
    paths: {
      '#or3-sync/*': [`${ROOT}src/runtime/*`], 'or3-sync/schema': [`${ROOT}src/runtime/schema.ts`], 'or3-sync/client': [`${ROOT}src/runtime/client.ts`],
      'or3-sync/server': [`${ROOT}server/lib/index.ts`], 'or3-sync/convex': [`${ROOT}src/convex/index.ts`],
    },
  })
}
