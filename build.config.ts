import { defineBuildConfig } from 'unbuild'

// The module builder adds src/module and src/runtime itself. The server, the Convex functions and the testing kit are added here.
export default defineBuildConfig({
  entries: [{
    builder: 'mkdist',
    input: 'server/',
    outDir: 'dist/server',
    ext: 'js',
    addRelativeDeclarationExtensions: true,
    pattern: ['**', '!tsconfig.json', '!**/*.{spec,test}.ts'],
  }, {
    builder: 'mkdist',
    input: 'src/convex/',
    outDir: 'dist/convex',
    ext: 'js',
    addRelativeDeclarationExtensions: true,
  }, {
    builder: 'mkdist',
    input: 'src/testing/',
    outDir: 'dist/testing',
    ext: 'js',
    addRelativeDeclarationExtensions: true,
  }],
  externals: ['#or3-sync', 'or3-sync', 'convex', 'fake-indexeddb', 'vitest', 'h3', 'nitropack', 'nitropack/types', 'jiti', 'defu', 'zod', 'pathe'],
})
