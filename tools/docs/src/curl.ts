import { parseArgs } from 'node:util'
import {
  allowedOriginBody,
  createProjectBody,
  doctorBody,
  drillBody,
  engineTokenBody,
  pieceOptionsBody,
  projectTokenBody,
  ROUTES,
  runPieceBody,
  saveConnectionBody,
  updateConnectionBody,
  updateProjectBody,
} from '@activepieces/contract'
import { z } from 'zod'

const BODIES: Record<string, z.ZodType> = {
  'POST aiProviders': saveConnectionBody,
  'PATCH aiProvider': updateConnectionBody,
  'POST allowedOrigins': allowedOriginBody,
  'POST doctor': doctorBody,
  'POST drill': drillBody,
  'POST engineTokens': engineTokenBody,
  'POST pieceOptions': pieceOptionsBody,
  'POST projects': createProjectBody,
  'PATCH project': updateProjectBody,
  'POST projectTokens': projectTokenBody,
  'POST runPiece': runPieceBody,
}

/** Checks a call of our server's API: options, route and body. Returns the problem. */
export function checkCurl(args: readonly string[]): string | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      header: { type: 'string', short: 'H', multiple: true },
      data: { type: 'string', short: 'd' },
      request: { type: 'string', short: 'X' },
      silent: { type: 'boolean', short: 's' },
    },
  })
  const [url = ''] = positionals
  const path = /^(?:\$AP|http:\/\/127\.0\.0\.1:3000)(\/[^?]*)/.exec(url)?.[1]
  if (positionals.length !== 1 || path === undefined) return `${positionals.join(' ')} is not one URL of the server`
  if (path.startsWith(`${ROUTES.proxy}/`)) return values.data === undefined ? undefined : jsonProblem(values.data)
  const route = routeOf(path)
  if (route === undefined) return `the server has no route ${path}`
  if (values.data === undefined) return undefined
  const name = `${values.request ?? 'POST'} ${route}`
  const schema = BODIES[name]
  if (!schema) return `tools/docs does not know a body for ${name}`
  return jsonProblem(values.data) ?? bodyProblem(schema, values.data)
}

/** Returns the route of a path. A literal route wins over one with parameters. */
function routeOf(path: string): string | undefined {
  const matches = Object.entries(ROUTES).filter(([, route]) =>
    new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}/?$`).test(path),
  )
  return (matches.find(([, route]) => route === path) ?? matches[0])?.[0]
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return `the body is not JSON: ${text}`
  }
}

function bodyProblem(schema: z.ZodType, text: string): string | undefined {
  const { error } = schema.safeParse(JSON.parse(text))
  return error && `the body ${text} is not accepted: ${z.prettifyError(error)}`
}
