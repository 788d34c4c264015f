export default defineNuxtConfig({
  modules: ['or3-sync'],
  compatibilityDate: '2026-01-01',
  or3Sync: { ssrAuthEnabled: true, enabled: true },
})
