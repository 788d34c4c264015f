import type { HostTrouble } from './host-trouble'

/** One line for a trouble. */
export function hostLine(preset: string, { fails, fix }: HostTrouble): string {
  return `[or3-sync] the Nitro preset "${preset}" does not fit: ${fails.join('; ')}; ${fix}`
}
