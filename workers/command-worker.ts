/** The worker as the `millrace` command starts it. */
import './flat-heap.js'

export { default } from './worker.js'
