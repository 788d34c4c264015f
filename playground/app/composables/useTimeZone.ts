import { getCookie } from 'h3'

const COOKIE = 'time-zone'
const YEAR_S = 365 * 24 * 60 * 60

/**
 * The time zone of the browser, which the server knows from a cookie. So a page with days and times is rendered alike on both sides. On the very
 * first visit it is UTC until the page is mounted.
 */
export function useTimeZone(): Readonly<Ref<string>> {
  const zone = useState('time-zone', () => {
    const kept = import.meta.server ? getCookie(useRequestEvent()!, COOKIE) : undefined
    return isTimeZone(kept) ? kept : 'UTC'
  })
  onMounted(() => {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone
    document.cookie = `${COOKIE}=${zone.value}; path=/; max-age=${YEAR_S}; samesite=lax`
  })
  return zone
}
