type Render = (text: string) => string

/** So many texts keep their HTML. */
const KEPT = 1_000
/** In the browser only: HTML by text, and the renderer once it is loaded. */
const known = new Map<string, string>()
const renderer = shallowRef<Render>()
let loading: Promise<void> | undefined

/** Loads the renderer, which most pages do without. Offline it may fail; then it is tried again with the next text. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('~/lib/markdown').then(
    (module) => { renderer.value = module.createMarkdown() },
    () => { loading = undefined },
  )
  return loading
}

/** Markdown as HTML. Reactive: until the renderer is loaded, a text with markup is shown as it was typed. */
export function useMarkdown() {
  const onServer = import.meta.server ? useNuxtApp().$markdown as Render : undefined

  function render(text: string): string {
    if (onServer) return onServer(text)
    const html = known.get(text)
    if (html !== undefined) return html
    if (isPlain(text)) return plainHtml(text)
    if (!renderer.value) {
      void loadMarkdown()
      return plainHtml(text)
    }
    return keep(text, renderer.value(text))
  }

  /** Keeps HTML that the server has rendered. */
  function keep(text: string, html: string): string {
    if (known.size >= KEPT) known.clear()
    known.set(text, html)
    return html
  }

  return { render, keep }
}
