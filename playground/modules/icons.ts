import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { addTemplate, defineNuxtModule, resolveFiles } from '@nuxt/kit'

interface Lucide { icons: Record<string, { body: string }>, aliases: Record<string, { parent: string }> }

const NAME = /i-lucide-([a-z0-9-]+)/g

/** Puts the icons that the playground names into one small file, `#build/icons`. The icon module of Nuxt UI has 13 kB of code beside them. */
export default defineNuxtModule({
  meta: { name: 'playground-icons' },
  setup(_, nuxt) {
    const { icons, aliases } = createRequire(import.meta.url)('@iconify-json/lucide/icons.json') as Lucide
    const bodyOf = (name: string) => icons[aliases[name]?.parent ?? name]?.body
    // They would bring that code, and the one that sets colours, to every page.
    nuxt.hook('app:resolve', (app) => { app.plugins = app.plugins.filter(({ src }) => !/@nuxt[/\\](?:icon|ui)[/\\]/.test(src)) })
    addTemplate({
      filename: 'icons.ts',
      write: true,
      async getContents() {
        const files = await resolveFiles(nuxt.options.srcDir, ['**/*.{vue,ts}'])
        const sources = await Promise.all(files.map(file => readFile(file, 'utf8')))
        const names = [...new Set(sources.flatMap(source => [...source.matchAll(NAME)].map(([, name]) => name!)))].sort()
        const unknown = names.filter(name => !bodyOf(name))
        if (unknown.length) throw new Error(`lucide has no icon named ${unknown.join(', ')}`)
        const used = Object.fromEntries(names.map(name => [name, bodyOf(name)]))
        return `export default ${JSON.stringify(used)} as Record<string, string>`
      },
    })
  },
})
