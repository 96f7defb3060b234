export { type AnswerFacts, answerFacts, factsOf } from './answer-facts.ts'
export { asStep } from './as-step.ts'
export { checkLength, contextWindowOf, estimateTokens } from './context-window.ts'
export { filePart } from './file-part.ts'
