import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePage } from './reference-docs/reference-page.ts'

/** `npm run docs:reference` writes docs/reference.md from what the package exports. */
writeFileSync(join(import.meta.dirname, '../docs/reference.md'), referencePage())
