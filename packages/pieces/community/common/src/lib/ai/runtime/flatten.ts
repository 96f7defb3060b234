/** Yields the items of an iterable of lists one by one. */
export async function* flatten<T>(lists: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const list of lists) for (const item of list) yield item
}
