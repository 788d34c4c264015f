import { z } from 'zod'

/** Zod tries whether it may compile schemas by `eval`. It may not, and a browser reports each try as a breach of the policy. */
export default defineNuxtPlugin({
  name: 'playground-zod',
  enforce: 'pre',
  setup() {
    z.config({ jitless: true })
  },
})
