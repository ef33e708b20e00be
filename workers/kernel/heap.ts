/** The first byte that the module does not claim: below it lies its static data. */
export function heapBase(): usize {
  return __heap_base
}
