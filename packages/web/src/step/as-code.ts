import { ROUTES } from '@activepieces/contract'
import { pathOf } from '../api/paths.ts'
import type { Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

export function curlOf(of: ActionName, input: Values, origin: string): string {
  const body = JSON.stringify({ input: brief(input) }, null, 2).replaceAll("'", "'\\''")
  return [
    `curl ${origin}${pathOf(ROUTES.runPiece, of)} \\`,
    '  -H "authorization: Bearer $TOKEN" -H "content-type: application/json" \\',
    `  -d '${body}'`,
  ].join('\n')
}

export function fetchOf(of: ActionName, input: Values, origin: string): string {
  const body = JSON.stringify({ input: brief(input) }, null, 2).replaceAll('\n', '\n  ')
  return [
    `const response = await fetch('${origin}${pathOf(ROUTES.runPiece, of)}', {`,
    "  method: 'POST',",
    "  headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' },",
    `  body: JSON.stringify(${body}),`,
    '})',
    'const { status, output, error } = await response.json()',
  ].join('\n')
}

/** Long texts, such as files in base64, by their beginning. @param longest in characters */
export function brief(value: unknown, longest = 2_000): unknown {
  if (typeof value === 'string' && value.length > longest) {
    return `${value.slice(0, longest / 10)} … (${value.length} characters)`
  }
  if (Array.isArray(value)) return value.map((one) => brief(one, longest))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, brief(inner, longest)]))
}
