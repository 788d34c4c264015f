import { createMarkdown } from '~/lib/markdown'

const markdown = createMarkdown()

/** Markdown on the server. The browser keeps what the server has rendered, and loads the renderer when it needs it. */
export default defineNuxtPlugin({
  name: 'playground-markdown',
  setup: () => ({ provide: { markdown } }),
})
