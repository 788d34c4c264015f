import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchProfile } from '../test/support/launch-chromium.ts'
import type { BenchSubject } from './page/subject.ts'

export type SubjectName = 'floor' | 'engine'

/** The methods of the subject, from outside the page. */
export type RemoteSubject = {
  [K in keyof BenchSubject]: (...args: Parameters<BenchSubject[K]>) => Promise<Awaited<ReturnType<BenchSubject[K]>>>
}

/** Opens a subject in a browser of its own with an empty profile on disk, runs `work`, and removes both. */
export async function withSubject<T>(origin: string, name: SubjectName, work: (subject: RemoteSubject) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'or3-bench-profile-'))
  const context = await launchProfile(profile)
  try {
    const page = context.pages()[0] ?? await context.newPage()
    await page.goto(`${origin}/${name}`)
    await page.waitForFunction(() => 'subject' in window)
    return await work(remoteOf(page))
  }
  finally {
    await context.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

function remoteOf(page: Page): RemoteSubject {
  return new Proxy({} as RemoteSubject, {
    get: (_, method) => (...args: unknown[]) =>
      page.evaluate(`window.subject[${JSON.stringify(method)}](...${JSON.stringify(args)})`),
  })
}
