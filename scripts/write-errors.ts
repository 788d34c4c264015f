import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJiti } from 'jiti'

/** `npm run docs:errors` writes docs/errors.md from the list of errors. */
const ROOT = join(import.meta.dirname, '..')
const jiti = createJiti(import.meta.url, { alias: { '#or3-sync': join(ROOT, 'src/runtime') }, fsCache: false })
const { errorsPage } = await jiti.import<typeof import('./errors-docs/errors-page')>('./errors-docs/errors-page.ts')
writeFileSync(join(ROOT, 'docs/errors.md'), errorsPage())
