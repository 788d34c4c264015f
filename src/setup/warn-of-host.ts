import { logger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { withLink } from '../runtime/shared/sync/errors/start-error'
import { hostLine } from './host-line'
import { hostTrouble } from './host-trouble'
import type { BuildSettings } from './runtime-config'

/** Warns when the app is built for a host on which something will not work. */
export function warnOfHost(settings: BuildSettings, nuxt: Nuxt): void {
  // Here Nitro has read its environment (`NITRO_PRESET`, the host's own variables), and knows the preset.
  nuxt.hook('nitro:init', ({ options: { preset, static: isStatic, dev } }) => {
    if (dev) return
    const trouble = hostTrouble({ ...settings, preset, isStatic: Boolean(isStatic) })
    if (trouble) logger.warn(withLink(hostLine(preset, trouble), 'serverless-preset'))
  })
}
