import type { GeneratorCallback, Tree } from 'nx/src/devkit-exports'
import { formatted } from './format.ts'
import { type NewProvider, type ProviderOptions, resolveOptions } from './options.ts'
import { entriesOf, LOGOS, namesFor, PROVIDERS, REGISTRY, withEntry } from './registry.ts'
import { placeholderLogo, providerFile, registryEntry } from './templates.ts'

/**
 * Adds an AI provider to the workspace: its file, its registry entry and a logo.
 *
 * @returns a callback that prints the next steps after the files are written
 * @throws Error naming the option, its value and what is allowed. Nothing is written then.
 * @example npx nx g @activepieces/ai-provider:provider my-vendor
 */
export async function provider(tree: Tree, options: ProviderOptions): Promise<GeneratorCallback> {
  const resolved = resolveOptions(options)
  const file = `${PROVIDERS}/${resolved.value}.ts`
  const registry = tree.read(REGISTRY, 'utf8')
  if (registry === null) throw new Error(`${REGISTRY} does not exist. Run this inside the workspace.`)
  checkAvailable(resolved, registry)
  if (tree.exists(file))
    throw new Error(`name is "${resolved.value}", but ${file} already exists. Choose another name.`)
  const names = namesFor(resolved.value, registry)
  const extended = withEntry(registry, resolved.value, names, registryEntry(resolved, names))
  tree.write(file, formatted(tree.root, file, providerFile(resolved, names)))
  tree.write(REGISTRY, formatted(tree.root, REGISTRY, extended))
  tree.write(`${LOGOS}/${resolved.value}.svg`, placeholderLogo(resolved.label))
  return () => console.log(nextSteps(resolved, file))
}

function checkAvailable({ value, label }: NewProvider, registry: string): void {
  const entries = entriesOf(registry)
  for (const [option, field, wanted] of [
    ['name', 'value', value],
    ['label', 'label', label],
  ] as const) {
    const same = entries.find((entry) => entry.field === field && entry.text.toLowerCase() === wanted.toLowerCase())
    if (!same) continue
    throw new Error(`${option} is "${wanted}", which is taken: see ${REGISTRY}:${same.line}. Choose another ${option}.`)
  }
}

function nextSteps({ label, value }: NewProvider, file: string): string {
  return `
${label} is registered. Next:

1. Replace the TODOs, the model ids and the base URL in ${file}
   and in its entry in ${REGISTRY}.
   Draw its logo in ${LOGOS}/${value}.svg.
2. Run the conformance suite until nothing fails, then update the table of the README:
   npm run conformance -- ${value}
   npm run conformance -- --table
3. Send it a prompt (packages/pieces/community/common/docs/create-a-provider.md explains how to store its API key):
   npm start
   npm run ask -- --provider ${value} "Hello"
4. Run all checks:
   npm run check
`
}
