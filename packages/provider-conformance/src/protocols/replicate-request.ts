/**
 * What Replicate takes to start a job of an official model, by its reference: its client is not used, and its types name no
 * model's input.
 *
 * @see https://replicate.com/docs/reference/http#models.predictions.create
 */
export type PredictionRequest = {
  input: { prompt: string; aspect_ratio?: string; [field: string]: unknown }
  stream?: boolean
  webhook?: string
  webhook_events_filter?: ('start' | 'output' | 'logs' | 'completed')[]
}
