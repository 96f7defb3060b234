import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBlocks } from '../src/blocks.ts'
import { checkBlock } from '../src/check.ts'
import { commandsIn } from '../src/commands.ts'
import { readDocs, readFiles } from '../src/docs.ts'
import { findBrokenLinks } from '../src/links.ts'

const ROOT = join(import.meta.dirname, '../../..')
const { blocks, problems } = readDocs(ROOT)

it('finds runnable shell blocks in the docs, every block has a tag, and no link is broken', () => {
  expect(problems).toEqual([])
  expect(blocks.filter(({ tag }) => tag === 'run').length).toBeGreaterThan(10)
})

it('the README has at most 150 lines, and every guide 200', () => {
  const maxLines = (file: string) => (file === 'README.md' ? 150 : 200)
  // Not the table of providers, which a new provider makes longer.
  const isProse = (line: string) => !/^\| .* \| `[\w-]+` \|/.test(line)
  const files = readFiles(ROOT).map(
    ({ file, markdown }) => [file, markdown.split('\n').filter(isProse).length] as const,
  )
  expect(files.map(([file]) => file)).toContain('README.md')
  expect(files.filter(([file, lines]) => lines > maxLines(file))).toEqual([])
})

it.each([
  ['[a](b.md)', 'A.md:1: the link b.md leads to no file'],
  ['![a](images/b.png)', 'A.md:1: the link images/b.png leads to no file'],
  ['\n[a]: tools/none', 'A.md:2: the link tools/none leads to no file'],
  ['[a](README.md#none)', 'A.md:1: the link README.md#none leads to no heading'],
  ['# B\n\n[a](#b)', undefined],
  ['[a](README.md#write-a-piece) [b](packages) [c](https://example.com/none.md)', undefined],
])('checks the links of %j', (markdown, problem) => {
  expect(findBrokenLinks(ROOT, 'A.md', markdown)).toEqual(problem === undefined ? [] : [problem])
})

it.each(blocks)('finds no problem at $file:$line', async (block) => {
  expect(await checkBlock(ROOT, block)).toEqual([])
})

describe('a problem is reported', () => {
  it.each([
    ['npm run nope', /has no script "nope"/],
    ['npm run conformance -- groq --fast', /Unknown option --fast/],
    ['npm run ask --json Hello', /Unknown option '--json'/],
    ['npm run conformance groq', /npm reads groq as its own arguments: put --/],
    ['npm run dev -w packages/nope', /packages\/nope/],
    ['npm run ask -- --file nowhere.pdf Hello', /nowhere\.pdf does not exist/],
    ['npm run ask -- utility-ai classify Hello', /has no action "classify"/],
    ['npm run bench -- --only nope --slow', /Unknown option --slow/],
    ['npx nx g @activepieces/ai-provider:provider x --shape own', /has no option --shape/],
    ['npx nx run-many -t nope', /no project has the target "nope"/],
    ['npx vitest run --project nope', /there is no project "nope"/],
    ['npx vitest run --project common nope', /no test file of \S+ has "nope"/],
    ['curl --retry 3 $AP/health', /Unknown option '--retry'/],
    ['curl $AP/api/v1/nope', /the server has no route \/api\/v1\/nope/],
    ['curl $AP/api/v1/projects -d \'{ "id": 1 }\'', /is not accepted: [\s\S]*id/],
    ["curl $AP/api/v1/projects -d '{ id'", /is not JSON/],
    ['curl https://example.com', /is not one URL of the server/],
    ["echo 'open", /the shell cannot parse it/],
    ['cowsay moo', /cannot check cowsay/],
  ])('for %s', async (text, message) => {
    const block = { file: 'A.md', line: 3, text, tag: 'check' as const, exit: 0 }
    expect((await checkBlock(ROOT, block)).join('\n')).toMatch(message)
  })

  it.each([
    '```\nnpm ci\n```',
    '    npm ci\n',
    '```sh\nnpm ci\n```',
    '```bash run\nnpm ci\n```',
    '- a\n\n  ```\n  x\n  ```',
  ])('for the block %j, which is not tagged', (markdown) => {
    expect(parseBlocks('A.md', markdown).problems).toEqual([expect.stringMatching(/^A\.md:\d: a code block without/)])
  })
})

it('reads tags, lines and inline commands', () => {
  const markdown = 'Use `npm run lint` and `.data`.\n\n```sh run exit=1\nfalse\n```\n\n```typescript\nx\n```\n'
  expect(parseBlocks('A.md', markdown)).toEqual({
    blocks: [
      { file: 'A.md', line: 1, text: 'npm run lint', tag: 'check', exit: 0 },
      { file: 'A.md', line: 4, text: 'false', tag: 'run', exit: 1 },
    ],
    problems: [],
  })
})

it('splits commands like a shell', () => {
  const text = `A=1 curl "$AP/x?a=b&c" -d '{ "a":
    1 }' # the vendor's
T=$(curl -s $AP/y | sed 's/a/b/') && npm run x \\
  -- "a b"`
  expect(commandsIn(text)).toEqual([
    ['curl', '$AP/x?a=b&c', '-d', '{ "a":\n    1 }'],
    ['curl', '-s', '$AP/y'],
    ['sed', 's/a/b/'],
    ['npm', 'run', 'x', '--', 'a b'],
  ])
})
