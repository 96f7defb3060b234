/** A phrase that must not appear, and what to write instead. */
export type Banned = { readonly phrase: RegExp; readonly instead: string }

/** Phrases of prose: comments, strings and Markdown. A line break may take the place of a space. */
const PROSE: readonly (readonly [phrase: string, instead: string])[] = [
  ['anew', 'again'],
  ['by itself', 'automatically'],
  ['in the place of', 'instead of'],
  ['of before', 'previous'],
  ['for ever', 'permanently'],
  ['nothing of', 'no …'],
  ['none besides', 'only …'],
  ['nothing besides', 'nothing else'],
  ['(?<!there )is no (?:object|list|text|number|string|JSON|array|model|valid|file|image)', 'is not a …'],
  ["(?:types|sockets|words|names|values|these|this|that|localhost) alone(?=[.,;:)']|$)", 'only …'],
]

/** Names in code. */
const NAMES: Readonly<Record<string, string>> = {
  keepObjectsYoung: 'disableAllocationPretenuring',
  dyingWords: 'stderrTail',
  lastWords: 'flushPending',
  whoSees: 'observerFor',
  openNotebook: 'create…',
  Purse: 'BudgetLease',
  DUST: 'EPSILON_USD',
  Notebook: 'ProbeReport',
  CompleteAI: 'AIClient',
  PATIENCE_MS: '…_TIMEOUT_MS',
  USUAL_: 'DEFAULT_…',
  LONGEST_: 'MAX_…',
  MOST_: 'MAX_…',
  sealedBy: 'signedBy',
}

export const BANNED: readonly Banned[] = [
  ...PROSE.map(([phrase, instead]) => ({
    phrase: new RegExp(`\\b${phrase.replaceAll(' ', '\\s+(?:(?://|\\*|#)\\s+)?')}(?!\\w)`, 'gi'),
    instead,
  })),
  ...Object.entries(NAMES).map(([name, instead]) => ({
    phrase: new RegExp(`\\b${name}${name.endsWith('_') ? '\\w+' : '\\b'}`, 'g'),
    instead,
  })),
]
