import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineBuildConfig } from 'unbuild'

// The module builder adds src/module and src/runtime itself. The command, the server, the Convex functions and the testing kit are added here.
export default defineBuildConfig({
  entries: [{
    builder: 'rollup',
    name: 'cli/or3-sync',
    input: 'src/cli/or3-sync',
    declaration: false,
  }, {
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
  hooks: { 'build:done': ({ options }) => addDeclarationExtensions(options.outDir) },
})

/**
 * Adds `.js` where mkdist does not: in `export type * from './x'` and `import('./x')`. With `moduleResolution: nodenext` TypeScript does not find
 * the file otherwise, and every type of it becomes `any` without a word.
 */
async function addDeclarationExtensions(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.d.ts')).map(name => join(folder, name))
  await Promise.all(files.map(async (file) => {
    const text = await readFile(file, 'utf8')
    const whole = text.replaceAll(/(\bfrom |\bimport\()(['"])(\.[^'"]*)\2/g, (found, before: string, quote: string, path: string) =>
      existsSync(join(dirname(file), `${path}.d.ts`)) ? `${before}${quote}${path}.js${quote}` : found)
    if (whole !== text) await writeFile(file, whole)
  }))
}
