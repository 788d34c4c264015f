import { createConfigForNuxt } from '@nuxt/eslint-config/flat'
import baseline from 'eslint-plugin-baseline-js'
import esX from 'eslint-plugin-es-x'
import { HALLS } from './scripts/rooms.mjs'

const rooms = HALLS.flatMap(({ folder, rooms, faces }) => rooms.map((room, index) => {
  const higher = [...rooms.slice(index + 1), ...faces.map(face => `${face.replace('.ts', '')}$`)]
  return {
    files: [`${folder}/${room}/**/*.{ts,vue}`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{
        regex: `^(\\.\\./)+(${higher.join('|')})(/|$)`,
        message: `"${room}" is below that room (scripts/rooms.mjs): move down what both need, or hand it in`,
      }] }],
    },
  }
}))

export default createConfigForNuxt({
  features: {
    tooling: true,
    stylistic: true,
  },
  dirs: {
    src: ['./playground/app'],
  },
}).append(
  {
    ignores: ['dist/**', '.nuxt*/**', '.output*/**', '.ci/results/**', 'coverage/**', 'docs/.vitepress/{dist,cache}/**'],
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      // A short statement and its counterpart may share a line.
      '@stylistic/max-statements-per-line': ['error', { max: 3 }],
      '@stylistic/brace-style': ['error', 'stroustrup', { allowSingleLine: true }],
      '@stylistic/quote-props': 'off',
      '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'ignore' } }],
      // A callback that may return a promise or nothing is exactly that.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Declaration merging needs interfaces that only extend.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      'no-restricted-syntax': ['error', {
        selector: ':matches(MethodDefinition[kind!="constructor"], PropertyDefinition)[accessibility=/private|protected/]',
        message: 'write #name; only what a constructor is handed may be a "private readonly" parameter property',
      }],
    },
  },
  {
    // What runs in browsers uses only what the oldest of them have (docs/configuration.md): ES2022 and the web platform of that year.
    files: ['src/runtime/**/*.ts'],
    plugins: { 'baseline-js': baseline, 'es-x': esX },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...esX.configs['flat/restrict-to-es2022'].rules,
      // In Chrome 97, Firefox 104 and Safari 15.4.
      'es-x/no-array-prototype-findlast-findlastindex': 'off',
      'baseline-js/use-baseline': ['error', {
        available: 2022,
        includeWebApis: { preset: 'type-aware' },
        includeJsBuiltins: { preset: 'type-aware' },
        // Asked for before they are used; `observable` is taken for whatever has a `subscribe`.
        ignoreFeatures: ['compression-streams', 'storage-manager', 'observable'],
      }],
    },
  },
  {
    // What is decided is carried out in full: a decision that is new has to be answered everywhere.
    files: ['src/runtime/core/sync/{decide,merge,face}/**/*.ts', 'src/runtime/core/sync/push/settle-push.ts'],
    rules: { '@typescript-eslint/switch-exhaustiveness-check': 'error' },
  },
  ...rooms,
  {
    // Tools print.
    files: ['bench/**', 'test/**', '.ci/**'],
    rules: { 'no-console': 'off' },
  },
)
