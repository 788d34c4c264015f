import { createError, defineEventHandler, setResponseHeaders } from 'h3'
import { useRuntimeConfig } from 'nitropack/runtime'
import { INSPECTOR_PATH } from '#or3-sync/inspector/inspector-path'

/**
 * Answers requests for the inspector's page: with the app's empty page, in which its plugin shows the inspector, or with 404 where the inspector
 * is off. Nothing is rendered on the server, and no search engine may list the page.
 */
export default defineEventHandler((event) => {
  if (event.path !== INSPECTOR_PATH && !event.path.startsWith(`${INSPECTOR_PATH}?`)) return
  const { inspector } = useRuntimeConfig(event).public.or3Sync
  if (!import.meta.dev && !inspector) throw createError({ statusCode: 404, statusMessage: 'Not Found', message: 'The sync inspector is off: set OR3_SYNC_INSPECTOR to the lowest role that may open it.' })
  const context = event.context as { nuxt?: { noSSR?: boolean } }
  context.nuxt = { ...context.nuxt, noSSR: true }
  setResponseHeaders(event, { 'x-robots-tag': 'noindex', 'cache-control': 'no-store' })
})
