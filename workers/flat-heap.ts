/**
 * Keeps the JavaScript heaps of this process as small at the end of a long run as at its start: V8 lets them grow by
 * what it guesses to be convenient, some 20 MB over the first gigabytes, though no more of it is in use. The data
 * itself never is on these heaps, so this costs nothing that can be measured.
 *
 * The flags are the whole process's, and take effect when a thread sets them after it has started (set on the main
 * thread before there are workers, they had none: measured). So only the workers of the command import this: a program
 * that uses the library has its own heap to look after.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--heap-growing-percent=10')
