/** The text that was typed into a field of the server's HTML before the app ran. The app itself begins with an empty field. Call it in `setup`. */
export function typedBefore(testId: string): string {
  if (import.meta.server || !useNuxtApp().isHydrating) return ''
  return document.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[data-testid=${testId}]`)?.value ?? ''
}
