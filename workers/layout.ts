/**
 * Byte offsets of the structures that live in shared memory and are read by both sides: the kernel
 * (AssemblyScript) and the host (TypeScript). Plain numeric enums only, because that is the one
 * construct that both compilers read in the same way.
 *
 * Little-endian throughout. `ptr` is a byte address in the shared memory, 32 bits.
 */

/** What the parser does with one CSV column. */
export enum ColumnOp {
  /** Walk over the field. */
  Skip = 0,
  /** Dense feature: (value − mean) · inverse scale, as f32. */
  Number = 1,
  /** Category slot: index of the value, as u32. */
  Category = 2,
  /** Label that is a number: (value − mean) · inverse scale, as f32. A missing one is a bad row. */
  NumberLabel = 3,
  /** Label that is a class: index of the value, as f32. A missing or unknown one is a bad row. */
  ClassLabel = 4,
  /** Weight of the row: a finite number ≥ 0, as f32. */
  Weight = 5,
  /** Dense feature: true, yes, t → 1; false, no, f → 0, in any case; then as Number. */
  Boolean = 6,
  /** Dense features made of a date: Column.Table points to DateParts.Count Columns with the op Number, in that order. */
  Date = 7,
  /** As NumberLabel, for a loss that takes no number below 0. */
  NotNegativeLabel = 8,
  /** As NumberLabel, for a loss that takes numbers above 0 only. */
  PositiveLabel = 9,
}

/** One entry of the parse program; there is one for every CSV column, in file order. */
export enum Column {
  /** u32, a ColumnOp. */
  Op = 0,
  /** u32: the word of the encoded row that this column writes. */
  Word = 4,
  /** u32: the dense word set to 1 where the value is missing (0 elsewhere), or NO_WORD. */
  Indicator = 8,
  /** ptr to a Table (categories and class labels). */
  Table = 12,
  /** u32: parameter index of the first vocabulary value; a Table entry's index counts from here. */
  First = 16,
  /** u32: number of hashed buckets for values outside the vocabulary, a power of two, or 0. */
  Buckets = 20,
  /** u32: parameter index of the first bucket. */
  FirstBucket = 24,
  /** u32: parameter index of "missing". */
  Missing = 28,
  /** f64, subtracted from a number. */
  Mean = 32,
  /** f64, multiplies a number after the mean is subtracted. */
  InverseScale = 40,
  /** f64: what a missing number is encoded as (already standardised). */
  Fill = 48,
  /** f64: an encoded number is clamped to ±Limit; Infinity for no clamp. */
  Limit = 56,
  /** ptr to a Vocabulary that grows in the first pass, or 0: values outside the table share the buckets. */
  Grown = 64,
  /** u32: the Part that is made of the value, where it takes part in interactions, or Word.None. */
  Part = 68,
  /** u32: added to the hash of a value that gets a bucket; 0 but where columns share the buckets. */
  Salt = 72,
  SIZE = 80,
}

/** The dense features of a date column, in this order. */
export enum DateParts {
  Year = 0,
  /** 1 … 12 */
  Month = 1,
  /** 1 (Monday) … 7 (Sunday) */
  Weekday = 2,
  /** 0 … 23, as written. */
  Hour = 3,
  /** Seconds since 1970-01-01T00:00Z. */
  Epoch = 4,
  Count = 5,
}

/** Value of Column.Indicator for "no indicator". */
export enum Word {
  None = 0x7fffffff,
}

/**
 * Hash table from the bytes of a value to an index: open addressing, linear probing, read-only once
 * built. A slot holds hash, index, key pointer, key length; a slot with key pointer 0 is empty.
 * The hash is MurmurHash3 (x86, 32 bit, seed 0) of the value's bytes, unquoted.
 * Missing-value tokens are in every category table with the index MISSING.
 */
export enum Table {
  /** u32: number of slots − 1; the number of slots is a power of two. */
  Mask = 0,
  /** u32: bytes of the longest key. */
  Longest = 4,
  /** Slots start here. */
  Slots = 8,
}

export enum TableSlot {
  Hash = 0,
  Index = 4,
  Key = 8,
  KeyLength = 12,
  SIZE = 16,
}

/**
 * The places that the category indices of one step have in its packed gradient: a hash table, open addressing, linear probing.
 * A mark is base + 1 + place; marks of at most the base are of earlier steps, and their slots empty.
 */
export enum Places {
  /** u32: 32 − log2 of the number of slots. */
  Shift = 0,
  /** u32: bytes from the start to the end of the slots. */
  End = 4,
  /** Slots start here. */
  Slots = 8,
}

export enum PlaceSlot {
  Index = 0,
  Mark = 4,
  SIZE = 8,
}

/** TableSlot.Index of a missing-value token. */
export enum TableIndex {
  Missing = 0x7fffffff,
}

/**
 * What workers need to know of one category slot whose vocabulary grows (kernel/grown.ts). There is one for every word of a row
 * behind the dense ones, in their order, whatever the order of the columns in a file.
 */
export enum Vocabulary {
  /** u32: 1 while values may be added. */
  Open = 0,
  SIZE = 4,
}

/** All vocabularies that grow: what the main thread needs to add a value. */
export enum Vocabularies {
  /** ptr to Slots × Vocabulary. */
  First = 0,
  /** u32 */
  Slots = 4,
  /** ptr to Slots × u32: how many values may still be added. Apart from what workers read, so as not to slow them. */
  Rooms = 8,
  /** ptr to the Table; workers read it while the main thread adds to it. */
  Table = 12,
  /** u32: parameter index of the next value. */
  NextIndex = 16,
  /** u32: parameter index behind the last value there is room for. */
  EndIndex = 20,
  /** u32: a value gets an index when it has been met this often. */
  MinCount = 24,
  /** u32: entries that the table has room for. */
  Room = 28,
  /** ptr to the place of the next key. */
  NextKey = 32,
  /** ptr behind the room for keys. */
  EndKey = 36,
  /** ptr to the GrownValue of the next index. */
  NextValue = 40,
  SIZE = 64,
}

/** A value that has got an index of its own; they lie in the order of their indices. */
export enum GrownValue {
  /** u32: its category slot, counted from the first word behind the dense ones. */
  Slot = 0,
  /** ptr to its bytes. */
  Key = 4,
  /** u32 */
  KeyLength = 8,
  SIZE = 12,
}

/** TableSlot.Index of a value of a growing vocabulary that has been met too rarely yet: this, plus how often. */
export enum Met {
  Rarely = 0x80000000,
}

/** One field whose value was in no vocabulary when it was parsed: not aligned, the bytes of the value in it. */
export enum Unseen {
  /** ptr to the word of the encoded row that holds its bucket. */
  Word = 0,
  /** u8: bytes of the value − 1. */
  Length = 4,
  Key = 5,
  /** Longer values have no index of their own. */
  LongestKey = 256,
}

/** Everything about a file's dialect and encoding that stays the same for a whole run. */
export enum ParseContext {
  /** u32: one byte. */
  Delimiter = 0,
  /** u32: one byte, or 0 for no quoting. */
  Quote = 4,
  /** u32: one byte, or 0: a record that starts with it is passed over. */
  Comment = 8,
  /** u32: number of columns in a record. */
  Columns = 12,
  /** ptr to Columns × Column. */
  Program = 16,
  /** ptr to a Table that holds the missing-value tokens. */
  MissingTokens = 20,
  /** ptr to the table of powers of ten (see kernel/number.ts). */
  Powers = 24,
  /** u32: bytes from one encoded row to the next, a multiple of 16. */
  Stride = 28,
  /** u32: dense words of a row, a multiple of 4; the words after the last feature stay 0. */
  DenseWords = 32,
  /** u32: word of the label, or Word.None when there is none (predict). */
  LabelWord = 36,
  /** u32: word of the weight. It is written as 1 where no column gives it. */
  WeightWord = 40,
  /** u32: a row is held out where hash(seed, position) < threshold; 0 holds out nothing. */
  ValidationThreshold = 44,
  /** u32 */
  ValidationSeed = 48,
  /** u32: 1 = write held-out rows, 0 = count them only. */
  KeepValidation = 52,
  /** u32: 1 where the decimal mark is a comma. */
  DecimalComma = 56,
  /** u32: number of interactions. */
  InteractionCount = 60,
  /** ptr to InteractionCount × Interaction. */
  Interactions = 64,
  /** ptr to the Vocabularies that grow, or 0. */
  Vocabularies = 72,
  /** ptr to Columns × u32: 1 + the number of the column's Field among those that lines keep, or 0. */
  Kept = 76,
  SIZE = 80,
}

/**
 * A feature made of two columns: the pair of two categories, or the slope of a number in a category. It begins with a
 * Column of the op Category, which says where its index goes and what the indices are.
 */
export enum Interaction {
  /** u32: the Part that is its value, or the first half of it. */
  First = 80,
  /** u32: the Part that is the second half, or Word.None. */
  Second = 84,
  SIZE = 88,
}

/** The value of a category column that takes part in interactions, kept until the end of its record. */
export enum Part {
  /** ptr to its first byte, quotes not included. */
  Start = 0,
  /** u32: length in bytes; FieldFlag.DoubledQuotes is set where it holds doubled quotes. 0 for a missing value. */
  Length = 4,
  SIZE = 8,
}

/** Category columns that may take part in interactions: a parse call has room for this many Parts. */
export enum Parts {
  Capacity = 256,
  /** Bytes. */
  Room = 2048,
}

/** Between the values of a pair: the unit separator of ASCII. */
export enum PairSeparator {
  Byte = 0x1f,
}

/** What follows the last byte that a parse call is given. */
export enum Ends {
  /** More of the same data: a record that is cut off is left for the next call. */
  More = 0,
  /** The end of the data: the last record may lack its line break. */
  Data = 1,
}

/** What a parse call leaves behind. */
export enum ParseResult {
  /** u32: bytes of whole records used. */
  Consumed = 0,
  /** u32: rows to train on, written upwards from the first byte of the slot. */
  Rows = 4,
  /** u32: rows held out, written downwards from the last row of the slot. */
  ValidationRows = 8,
  /** u32: bad rows; each has a BadRow entry. */
  BadRows = 12,
  /** ptr: where the next Unseen goes; given by the caller, moved on by the call. Not used where no vocabulary grows. */
  Unseen = 16,
  /** BadRow entries start here. */
  Bad = 20,
}

export enum BadRow {
  /** u32: first byte of the record, counted from the first byte given to the call. */
  Record = 0,
  /** u32: length of the record in bytes, without its line break. */
  RecordLength = 4,
  /** u32, a BadReason. */
  Reason = 8,
  /** u32: the column, counted from 0. */
  Column = 12,
  /** u32: first byte of the field, counted as Record. */
  Field = 16,
  /** u32: length of the field in bytes, quotes included. */
  FieldLength = 20,
  /** u32: number of fields in the record (for TooFewFields and TooManyFields). */
  Fields = 24,
  SIZE = 32,
}

/** BadRow entries a ParseResult has room for; a parse call returns early when they are used up. */
export enum BadRows {
  Capacity = 30,
}

export enum BadReason {
  TooFewFields = 1,
  TooManyFields = 2,
  NotANumber = 3,
  MissingLabel = 4,
  UnknownClass = 5,
  BadWeight = 6,
  /** The end of the data came inside quotes. Field is where the quote opened. */
  UnterminatedQuote = 7,
  /** Something other than a delimiter or a line break follows a closing quote. */
  TextAfterQuote = 8,
  /** The number, once standardised, is beyond the range of f32. */
  OutOfRange = 9,
  /** The record is not UTF-8; Field is the first byte that is at fault, FieldLength 1. */
  InvalidUtf8 = 10,
  NotABoolean = 11,
  NotADate = 12,
  /** The target is a number that the loss is not defined for. */
  LabelOutOfRange = 13,
  /** Reasons are less than this. */
  Count = 16,
}

/** What the sample says of one column (see kernel/profile.ts). All f64. */
export enum ColumnProfile {
  /** Fields that are numbers. */
  Numbers = 0,
  /** Fields that are missing. */
  Missing = 8,
  /** Fields that are neither. */
  Texts = 16,
  /** Mean of the numbers (Welford). */
  Mean = 24,
  /** Sum of squared differences from the mean (Welford). */
  SquaredDifferences = 32,
  Minimum = 40,
  Maximum = 48,
  /** 1 while every number was a whole one. */
  Whole = 56,
  SIZE = 64,
}

/** One field as listFields writes it. */
export enum Field {
  /** u32: first byte, counted from the first byte given to the call; quotes not included. */
  Start = 0,
  /** u32: length in bytes, quotes not included; FieldFlag.DoubledQuotes is set where the field holds doubled quotes. */
  Length = 4,
  SIZE = 8,
}

/** A flag in Field.Length. */
export enum FieldFlag {
  DoubledQuotes = 0x40000000,
}

/** How the line of a row is written: kept fields and values, each behind a text of its own, and what ends the line. */
export enum LineProgram {
  /** u32 */
  Parts = 0,
  /** ptr to Parts × LinePart. */
  First = 4,
  /** u32: 1 for JSON, 0 for CSV. */
  Json = 8,
  /** u32: columns that are kept; one may stand in several parts. */
  Kept = 12,
  /** u32: bytes that a line takes at most beside its kept fields. */
  MostBytes = 16,
  /** ptr to the LineTexts of the classes that are chosen from: their names as they are written. */
  ClassNames = 20,
  SIZE = 24,
}

export enum LineText {
  /** ptr to bytes that 16 may be read at a time of, also the last ones. */
  Start = 0,
  /** u32 */
  Length = 4,
  SIZE = 8,
}

/** What stands in a line behind a text. */
export enum LineOp {
  Nothing = 0,
  /** LinePart.Word: number of the kept Field. */
  Field = 1,
  /** LinePart.Word: of the row's predictions. */
  Prediction = 2,
  /** LinePart.Word: of the row's contributions. */
  Contribution = 3,
  /** The class that is predicted. */
  Class = 4,
}

/** It begins with a LineText. */
export enum LinePart {
  /** u32, a LineOp. */
  Op = 8,
  /** u32 */
  Word = 12,
  /** f64: what is written is the nearest f32 of value · Factor + Offset. */
  Factor = 16,
  /** f64 */
  Offset = 24,
  SIZE = 32,
}

/** What a call that writes lines is given, and how far it has come. */
export enum LineState {
  /** ptr: where the next line goes. */
  Out = 0,
  /** ptr: lines end before it. */
  End = 4,
  /** ptr: the record of the next row, where fields are kept. */
  Record = 8,
  SIZE = 16,
}

/** The features of a column in an encoded row, for what the column adds to a score. */
export enum ContributionColumn {
  /** u32: first word of its dense features, or the word of its category index. */
  From = 0,
  /** u32: behind its last dense feature; 0 for a category. */
  To = 4,
  /** u32: word of the dense feature that multiplies the category's weights, or Word.None. */
  Factor = 8,
  SIZE = 12,
}

/**
 * Header of a slot: one block on its way through the parser. The main thread writes what to parse, hands the slot to
 * a worker with the task, and reads the result when the task has answered; it is never written by two threads at once.
 */
export enum Slot {
  /** u32: descriptor of the file to read from (used where Raw is 0). */
  File = 0,
  /** u32: bytes to parse. */
  Length = 4,
  /** u32, an Ends. */
  Ends = 8,
  /** ptr to the bytes, or 0: the worker reads them from the file into its scratch. */
  Raw = 12,
  /** f64: where in the file the bytes start. */
  Offset = 16,
  /** f64: where in the whole input the bytes start. */
  Position = 24,
  /** ptr to the encoded rows. */
  Rows = 32,
  /** u32: rows that fit. */
  Capacity = 36,
  /** f64: seconds the worker spent reading. */
  ReadSeconds = 40,
  /** f64: seconds the worker spent parsing. */
  ParseSeconds = 48,
  /** u32: bytes that the file lacked (it was cut short while it was read). */
  Lacking = 56,
  /**
   * ptr to the ParseContext: that of the file, whose columns may come in an order of their own. 0: the bytes of the file
   * are encoded rows (engine/row-cache.ts), to be read as they are, and Lacking is set to 1 where they are not those of
   * the Checksum.
   */
  Context = 60,
  /** BadReason.Count × u32: bad rows by reason. */
  Reasons = 64,
  /** A ParseResult, with room for BadRows.Capacity entries. */
  Result = 128,
  /** ptr to room for the Unseen of the block, or 0 where no vocabulary grows. */
  Unseen = 1112,
  /** ptr behind the last Unseen. */
  UnseenEnd = 1116,
  /** ptr to what scoring leaves, text or predictions, or 0. */
  Output = 1120,
  /** u32: bytes there is room for. */
  OutputCapacity = 1124,
  /** u32: bytes of it. */
  OutputLength = 1128,
  /** u32: first row to score, and behind the last one that has been. */
  FirstRow = 1132,
  NextRow = 1136,
  /** f64: of the encoded rows. */
  Checksum = 1144,
  /** ptr: the records of these two rows, where fields are kept. 0: the first of the block. */
  FirstRecord = 1152,
  NextRecord = 1156,
  /** ptr to a bit for every byte of the block, set where a bad record starts; 0 where nobody asks. */
  BadRecords = 1160,
  SIZE = 1216,
}
