/** Rows that come one after the other. */
export type RowStream<Row> = Iterable<Row> | AsyncIterable<Row> | ReadableStream<Row>

/** The same, as something to loop over: not every browser lets one loop over its streams. */
export function rowsOf<Row>(rows: RowStream<Row>): Iterable<Row> | AsyncIterable<Row> {
  return Symbol.asyncIterator in rows || Symbol.iterator in rows ? rows : readFrom(rows)
}

async function* readFrom<Row>(stream: ReadableStream<Row>): AsyncGenerator<Row> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}
