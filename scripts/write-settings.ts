import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJiti } from 'jiti'

/** `npm run docs:settings` writes the types and the tables that are made of the declared settings and limits. */
const ROOT = join(import.meta.dirname, '..')
const jiti = createJiti(import.meta.url, { alias: { '#or3-sync': join(ROOT, 'src/runtime') }, fsCache: false })
const { writtenFiles } = await jiti.import<typeof import('./settings-docs/written-files')>('./settings-docs/written-files.ts')
for (const [file, text] of writtenFiles()) writeFileSync(join(ROOT, file), text)
