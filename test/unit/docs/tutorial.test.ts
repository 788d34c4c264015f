import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../../scripts/tutorial/browser-checks'
import { EXAMPLE_CHECKS } from '../../../scripts/tutorial/example-checks'
import { parseTutorial, type TutorialStep } from '../../../scripts/tutorial/parse-tutorial'

const read = (page: string) => parseTutorial(readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8'))
const named = (steps: TutorialStep[]) => steps.flatMap(step => step.kind === 'check' ? step.name : [])

describe('docs/tutorial.md', () => {
  const steps = read('tutorial.md')

  it('goes from an empty folder to production, and looks at two windows on the way', () => {
    expect(steps[0]).toMatchObject({ kind: 'shell', commands: expect.arrayContaining(['mkdir todo-app', 'cd todo-app']) })
    expect(named(steps)).toEqual(['two-devices', 'offline', 'conflict', 'production'])
    expect(steps.filter(({ kind }) => kind === 'server')).toMatchObject([{ command: 'npx nuxt dev' }, { command: expect.stringContaining('node .output/server/index.mjs') }])
  })

  it('installs the module by the command that the script replaces with the packed one', () => {
    expect(steps.filter(step => step.kind === 'shell' && step.commands.includes('npm install or3-sync'))).toHaveLength(1)
  })

  it('has a look at the browser only while a server runs', () => {
    let runs = false
    for (const { kind, line } of [...steps, ...read('guides/offline-and-pwa.md')]) {
      if (kind === 'server') runs = true
      if (kind === 'stop') runs = false
      if (kind === 'check') expect(runs, `line ${line}`).toBe(true)
    }
  })
})

describe('the pages that can be run', () => {
  it('ask for checks that there are, and for each of them', () => {
    expect([...named(read('tutorial.md')), ...named(read('guides/offline-and-pwa.md'))]).toEqual(Object.keys(CHECKS))
    expect([...named(read('../examples/minimal/README.md')), ...named(read('../examples/existing-dexie/README.md'))]).toEqual(Object.keys(EXAMPLE_CHECKS))
  })
})

describe('a page that can be run', () => {
  it('is made of commands, files and what the comments say', () => {
    const page = ['```sh', 'mkdir a', 'cd a', '```', '<!-- run: server -->', '```sh', 'npx nuxt dev', '```', '<!-- run: check two-devices -->', '```vue', '<!-- app/app.vue -->', '<template />', '```', '<!-- run: stop -->'].join('\n')
    expect(parseTutorial(page)).toEqual([
      { kind: 'shell', line: 1, commands: ['mkdir a', 'cd a'] },
      { kind: 'server', line: 6, command: 'npx nuxt dev' },
      { kind: 'check', line: 9, name: 'two-devices' },
      { kind: 'file', line: 10, path: 'app/app.vue', text: '<template />\n' },
      { kind: 'stop', line: 14 },
    ])
  })

  it('starts a server by the last command of its block', () => {
    expect(parseTutorial('<!-- run: server -->\n```sh\nnpm install\nnpm run dev\n```')).toEqual([
      { kind: 'shell', line: 2, commands: ['npm install'] }, { kind: 'server', line: 2, command: 'npm run dev' },
    ])
  })

  it('has no TypeScript that nobody knows where to put', () => {
    expect(() => parseTutorial('```ts\nconst a = 1\n```')).toThrow('line 1: the first line of a block names its file')
  })
})
