/** Everything but the sign-in card is for those who have come in, by name or as a guest. */
export default defineNuxtRouteMiddleware((to) => {
  // The page that shows an error is nobody's secret.
  if (useError().value) return
  const { entered, user, syncOff } = useAccount()
  if (!entered.value && to.path !== '/sign-in') return navigateTo('/sign-in')
  // A guest may still sign in.
  if (to.path === '/sign-in' && (user.value || syncOff)) return navigateTo('/')
})
