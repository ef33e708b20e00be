/**
 * What is added to the hash of a value where slots share buckets, so that a text has another bucket in each of them: multiples
 * of an odd number, 2^32 divided by the golden ratio, differ in any number of low bits.
 */
export function slotSalt(slot: number): number {
  return Math.imul(slot, 0x9e3779b1) >>> 0
}
