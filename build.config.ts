import { defineBuildConfig } from 'unbuild'

// The builder packs src/module and src/runtime by itself; the server is one more folder of plain files.
export default defineBuildConfig({
  entries: [{
    builder: 'mkdist',
    input: 'server/',
    outDir: 'dist/server',
    ext: 'js',
    addRelativeDeclarationExtensions: true,
    pattern: ['**', '!tsconfig.json', '!**/*.{spec,test}.ts'],
  }],
  externals: ['#or3-sync', 'h3', 'nitropack', 'nitropack/types', 'jiti', 'defu', 'zod', 'pathe'],
})
