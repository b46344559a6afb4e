package dev.tidemark.protocol.record;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Decides whether what a producer sent for a partition may be appended, and makes it ready: exactly one whole batch of
/// magic 2 whose header agrees with itself, its checksum and, where that costs no decompression or the topic needs it,
/// its records. Offsets and leader epoch are stamped later, by the log. Has no state: may be used from any thread.
public final class BatchValidator {
    private static final int RECORD_ERRORS_MAX = 10;

    private BatchValidator() {}

    /// @param records what was sent: may be changed in place where the broker's time is asked for
    public static Validation validate(ByteBuffer records, ValidationRules rules, long wallMs) {
        try {
            BatchHeader batch = onlyBatch(records, rules);
            checkHeader(batch, rules);
            if (!batch.isCrcValid()) throw new Rejection(ErrorCode.CORRUPT_MESSAGE, "the checksum is wrong");
            if (!rules.logAppendTime()) checkTimestamp(batch.maxTimestamp(), rules, wallMs, -1);
            if (batch.compressionId() == 0 || rules.looksInside() || recompresses(batch, rules))
                checkRecords(batch, rules, wallMs);
            return new Validation.Valid(prepared(batch, rules, wallMs));
        } catch (Rejection e) {
            return new Validation.Invalid(e.error, e.text, e.recordErrors);
        } catch (MalformedException e) {
            return new Validation.Invalid(ErrorCode.CORRUPT_MESSAGE, String.valueOf(e.getMessage()), List.of());
        }
    }

    /// A way out of the checks; never leaves this class.
    private static final class Rejection extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final ErrorCode error;
        final String text;
        final transient List<Validation.RecordError> recordErrors;

        Rejection(ErrorCode error, String text) {
            this(error, text, List.of());
        }

        Rejection(ErrorCode error, String text, List<Validation.RecordError> recordErrors) {
            super(text, null, false, false);
            this.error = error;
            this.text = text;
            this.recordErrors = recordErrors;
        }
    }

    private static Rejection invalid(String text) {
        return new Rejection(ErrorCode.INVALID_RECORD, text);
    }

    private static Rejection corrupt(String text) {
        return new Rejection(ErrorCode.CORRUPT_MESSAGE, text);
    }

    private static BatchHeader onlyBatch(ByteBuffer records, ValidationRules rules) {
        int there = records.remaining();
        if (there == 0) throw invalid("no record batch");
        // The magic of every format lies at the same place.
        if (there <= BatchHeader.MAGIC_AT) throw corrupt("a batch of " + there + " bytes");
        BatchHeader batch = BatchHeader.of(records);
        if (batch.magic() != BatchHeader.MAGIC) throw invalid("magic " + batch.magic() + ": only 2 is taken");
        int size = BatchHeader.sizeAt(records, records.position());
        if (size < 0 || size > there) throw corrupt("the batch's length does not fit the " + there + " bytes sent");
        if (size < there) throw invalid("more than one batch, or bytes behind it");
        if (size > rules.batchBytesMax())
            throw new Rejection(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a batch of " + size + " bytes: max.message.bytes is " + rules.batchBytesMax());
        return batch;
    }

    private static void checkHeader(BatchHeader batch, ValidationRules rules) {
        if ((batch.attributes() & ~BatchHeader.KNOWN_ATTRIBUTES) != 0)
            throw invalid("unknown attributes 0x" + Integer.toHexString(batch.attributes() & 0xFFFF));
        if (CompressionType.forId(batch.compressionId()) == null)
            throw invalid("unknown compression " + batch.compressionId());
        int count = batch.recordCount();
        if (count <= 0) throw invalid("a batch of " + count + " records");
        if (batch.lastOffsetDelta() != count - 1)
            throw invalid("lastOffsetDelta " + batch.lastOffsetDelta() + " with " + count + " records");
        // What coordinators write for a producer, markers and offsets of its transaction, has no sequence.
        if (rules.fromClient() && batch.hasProducerId() && batch.baseSequence() < 0)
            throw invalid("sequence " + batch.baseSequence() + " of producer " + batch.producerId());
        if (batch.isTransactional() && !batch.hasProducerId()) throw invalid("transactional without a producer id");
        if (rules.fromClient()) checkWhatClientsMayNot(batch);
    }

    private static void checkWhatClientsMayNot(BatchHeader batch) {
        if (batch.hasProducerId() && batch.producerEpoch() < 0)
            throw new Rejection(ErrorCode.INVALID_PRODUCER_EPOCH, "producer epoch " + batch.producerEpoch());
        if (batch.baseOffset() != 0) throw invalid("base offset " + batch.baseOffset() + " instead of 0");
        if (batch.isControl()) throw invalid("clients may not write control records");
        if (batch.hasDeleteHorizon()) throw invalid("clients may not set a delete horizon");
        if (batch.isLogAppendTime())
            throw new Rejection(ErrorCode.INVALID_TIMESTAMP, "clients may not set the timestamp type LogAppendTime");
    }

    /// @param index of the record; -1 for the header's latest time
    private static void checkTimestamp(long timestamp, ValidationRules rules, long wallMs, int index) {
        if (timestamp == BatchHeader.NO_TIMESTAMP || isWithin(timestamp, rules, wallMs)) return;
        String text = "timestamp " + timestamp + " is not between " + rules.timestampBeforeMaxMs() + " ms before and "
                + rules.timestampAfterMaxMs() + " ms after the broker's " + wallMs;
        throw new Rejection(
                ErrorCode.INVALID_TIMESTAMP,
                text,
                index < 0 ? List.of() : List.of(new Validation.RecordError(index, text)));
    }

    private static boolean isWithin(long timestamp, ValidationRules rules, long wallMs) {
        if (timestamp < 0) return false;
        return timestamp > wallMs
                ? timestamp - wallMs <= rules.timestampAfterMaxMs()
                : wallMs - timestamp <= rules.timestampBeforeMaxMs();
    }

    /// Offsets count up from 0, keys are there where they must be, times are within their bounds, and the header's
    /// latest time is the latest one.
    private static void checkRecords(BatchHeader batch, ValidationRules rules, long wallMs) {
        List<Validation.RecordError> withoutKey = new ArrayList<>(0);
        long latest = BatchHeader.NO_TIMESTAMP;
        try (RecordWalk walk = RecordWalk.of(batch, rules.unpackedBytesMax())) {
            while (walk.next()) {
                if (walk.offsetDelta() != walk.index())
                    throw invalid("offset delta " + walk.offsetDelta() + " at record " + walk.index());
                if (rules.keyRequired() && walk.keySize() < 0 && !batch.isControl()) addError(withoutKey, walk);
                if (rules.logAppendTime()) continue;
                checkTimestamp(walk.timestamp(), rules, wallMs, walk.index());
                latest = Math.max(latest, walk.timestamp());
            }
        }
        if (!withoutKey.isEmpty())
            throw new Rejection(
                    ErrorCode.INVALID_RECORD, "a compacted topic takes no records without a key", withoutKey);
        if (!rules.logAppendTime() && latest != batch.maxTimestamp()) correctMaxTimestamp(batch, latest);
    }

    private static void addError(List<Validation.RecordError> errors, RecordWalk walk) {
        if (errors.size() < RECORD_ERRORS_MAX) errors.add(new Validation.RecordError(walk.index(), "no key"));
    }

    /// The time index and retention go by it, so it must be true.
    private static void correctMaxTimestamp(BatchHeader batch, long latest) {
        batch.setMaxTimestamp(latest);
        batch.writeCrc();
    }

    /// Control batches stay as they are.
    private static boolean recompresses(BatchHeader batch, ValidationRules rules) {
        Compression wanted = rules.compression();
        return wanted != null && wanted.type().id() != batch.compressionId() && !batch.isControl();
    }

    private static BatchHeader prepared(BatchHeader batch, ValidationRules rules, long wallMs) {
        BatchHeader prepared = batch;
        Compression wanted = rules.compression();
        if (wanted != null && recompresses(batch, rules)) {
            ByteBuffer again = Recompression.of(batch, wanted, rules.unpackedBytesMax(), rules.batchBytesMax());
            if (again == null)
                throw new Rejection(
                        ErrorCode.MESSAGE_TOO_LARGE,
                        "a batch of more than " + rules.batchBytesMax() + " bytes after compression with "
                                + wanted.type().configName());
            prepared = BatchHeader.of(again);
        }
        if (rules.logAppendTime()) {
            prepared.setLogAppendTime(wallMs);
            prepared.writeCrc();
        }
        return prepared;
    }
}
