/** Where the inspector's page is, below the app's base URL. */
export const INSPECTOR_PATH = '/__or3-sync'

/** Whether a path of the page's location is the inspector's. `baseURL` is the app's, with or without a slash at its end. */
export function isInspectorPath(pathname: string, baseURL: string): boolean {
  return pathname.replace(/\/$/, '') === baseURL.replace(/\/$/, '') + INSPECTOR_PATH
}
