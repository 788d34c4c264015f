const YEAR_S = 365 * 24 * 60 * 60

/**
 * The time zone of the browser, which the server knows from a cookie. So a page with days and times is rendered alike on both sides. On the very
 * first visit it is UTC until the page is mounted.
 */
export function useTimeZone(): Readonly<Ref<string>> {
  const cookie = useCookie('time-zone', { maxAge: YEAR_S, sameSite: 'lax' })
  const zone = useState('time-zone', () => isTimeZone(cookie.value) ? cookie.value : 'UTC')
  onMounted(() => {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone
    cookie.value = zone.value
  })
  return zone
}
