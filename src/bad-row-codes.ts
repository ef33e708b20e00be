/** Why rows are bad: one name for each reason, in errors, events, JSON and the quarantine file. */

import { BadReason } from '../workers/layout.js'

export const badRowCodes = {
  [BadReason.TooFewFields]: 'RAGGED_ROW',
  [BadReason.TooManyFields]: 'RAGGED_ROW',
  [BadReason.NotANumber]: 'NOT_A_NUMBER',
  [BadReason.MissingLabel]: 'MISSING_TARGET',
  [BadReason.UnknownClass]: 'UNKNOWN_CLASS',
  [BadReason.BadWeight]: 'BAD_WEIGHT',
  [BadReason.UnterminatedQuote]: 'UNTERMINATED_QUOTE',
  [BadReason.TextAfterQuote]: 'TEXT_AFTER_QUOTE',
  [BadReason.OutOfRange]: 'OUT_OF_RANGE',
  [BadReason.InvalidUtf8]: 'INVALID_UTF8',
  [BadReason.NotABoolean]: 'NOT_A_BOOLEAN',
  [BadReason.NotADate]: 'NOT_A_DATE',
  [BadReason.LabelOutOfRange]: 'TARGET_OUT_OF_RANGE',
} as const satisfies Partial<Record<BadReason, string>>

/** Why a row was not read. */
export type BadRowCode = (typeof badRowCodes)[keyof typeof badRowCodes]

/** Bad rows by reason; reasons that did not occur are left out. */
export type BadRowCounts = Readonly<Partial<Record<BadRowCode, number>>>

/** `7 ragged row, 5 not a number`: the most frequent first. */
export function describeBadRows(counts: BadRowCounts): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([code, rows]) => `${rows.toLocaleString('en-US')} ${code.toLowerCase().replaceAll('_', ' ')}`)
    .join(', ')
}
