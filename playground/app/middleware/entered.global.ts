/** Sends everybody to the sign-in page who is neither signed in by name nor a guest. */
export default defineNuxtRouteMiddleware((to) => {
  // The error page is shown to everybody.
  if (useError().value) return
  const { entered, user, syncOff } = useAccount()
  if (!entered.value && to.path !== '/sign-in') return navigateTo('/sign-in')
  // A guest may still sign in.
  if (to.path === '/sign-in' && (user.value || syncOff)) return navigateTo('/')
})
