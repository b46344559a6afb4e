package dev.tidemark.storage.log;

import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.record.BatchHeader;
import dev.tidemark.protocol.record.BatchIterator;
import dev.tidemark.protocol.record.BatchValidator;
import dev.tidemark.protocol.record.Validation;
import dev.tidemark.protocol.record.ValidationRules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a topic's configuration asks of batches, and the checks by it. Immutable.
final class AppendChecks {
    private static final int UNPACKED_BYTES_MIN = 32 << 20;
    private static final int UNPACKING_MAX = 4;

    private final ValidationRules ofClients;
    private final ValidationRules ofBrokers;

    AppendChecks(LogConfig config) {
        ofClients = new ValidationRules(
                true,
                config.maxMessageBytes(),
                config.compact(),
                config.compression(),
                config.timestampType() == TimestampType.LOG_APPEND_TIME,
                config.timestampBeforeMaxMs(),
                config.timestampAfterMaxMs(),
                Math.min(config.maxDecompressedBytes(), unpackedBytesMax(config.maxMessageBytes())));
        ofBrokers = ofClients.fromBroker();
    }

    /// A few kilobytes can unpack to gigabytes, and a record is looked at as a whole: so the bound must be one that the
    /// heap of a small broker holds several times.
    private static int unpackedBytesMax(int maxMessageBytes) {
        return (int)
                Math.min(Integer.MAX_VALUE - 8, Math.max(UNPACKED_BYTES_MIN, (long) UNPACKING_MAX * maxMessageBytes));
    }

    /// Batches that may be appended, or why they may not.
    sealed interface Checked {
        /// @param sameBytes whether the batches are just the bytes that came
        record Batches(List<BatchHeader> batches, boolean sameBytes) implements Checked {
            /// What is to be written.
            ///
            /// @param bytes what came
            ByteBuffer all(ByteBuffer bytes) {
                if (sameBytes) return bytes;
                if (batches.size() == 1) return batches.getFirst().bytes();
                int size = 0;
                for (BatchHeader batch : batches) size += batch.sizeInBytes();
                ByteBuffer all = ByteBuffer.allocate(size);
                for (BatchHeader batch : batches) all.put(batch.bytes());
                return all.flip();
            }

            /// -1 where they tell none.
            long maxTimestampMs() {
                long max = -1;
                for (BatchHeader batch : batches) max = Math.max(max, batch.maxTimestamp());
                return max;
            }
        }

        record Refused(AppendResult.Rejected result) implements Checked {}
    }

    /// Checks what a leader is to append, and makes it ready: a client sends exactly one batch, the broker any number.
    Checked ofLeader(ByteBuffer bytes, AppendOrigin origin, long wallMs) {
        if (origin == AppendOrigin.CLIENT) {
            return switch (BatchValidator.validate(bytes, ofClients, wallMs)) {
                case Validation.Valid(var batch) -> new Checked.Batches(List.of(batch), isIn(bytes, batch));
                case Validation.Invalid invalid -> refused(invalid);
            };
        }
        return ofBroker(bytes, wallMs);
    }

    private Checked ofBroker(ByteBuffer bytes, long wallMs) {
        List<BatchHeader> batches = new ArrayList<>();
        boolean sameBytes = true;
        BatchIterator each = new BatchIterator(bytes);
        try {
            while (each.hasNext()) {
                BatchHeader next = each.next();
                ByteBuffer one =
                        bytes.duplicate().position(next.position()).limit(next.position() + next.sizeInBytes());
                switch (BatchValidator.validate(one, ofBrokers, wallMs)) {
                    case Validation.Valid(var batch) -> {
                        batches.add(batch);
                        sameBytes &= isIn(one, batch);
                    }
                    case Validation.Invalid invalid -> {
                        return refused(invalid);
                    }
                }
            }
        } catch (MalformedException malformed) {
            return corrupt(String.valueOf(malformed.getMessage()));
        }
        if (batches.isEmpty() || each.position() != bytes.limit()) return corrupt("the bytes end inside of a batch");
        return new Checked.Batches(batches, sameBytes);
    }

    /// Checks what a leader sent: whole batches, sound bytes, offsets that rise from `nextOffset` on, epochs that lie
    /// between `lastEpoch`, of the last record here, and `leaderEpoch`. What is cut off at the end is left out.
    ///
    /// A leader that is deposed while its answer is on the way may cut the file that it is sent from, and get
    /// other records there. Their epochs tell; without that a log would get a past that no leader ever had.
    Checked ofFollower(ByteBuffer bytes, long nextOffset, int lastEpoch, int leaderEpoch) {
        List<BatchHeader> batches = new ArrayList<>();
        BatchIterator each = new BatchIterator(bytes);
        long next = nextOffset;
        int epoch = lastEpoch;
        try {
            while (each.hasNext()) {
                BatchHeader batch = each.next();
                if (batch.magic() != BatchHeader.MAGIC) return corrupt("magic " + batch.magic() + " instead of 2");
                if (!batch.isCrcValid()) return corrupt("a batch's checksum is wrong");
                if (batch.baseOffset() < next || batch.lastOffsetDelta() < 0) {
                    return new Checked.Refused(new AppendResult.Rejected(
                            ErrorCode.OFFSET_OUT_OF_RANGE,
                            "offset " + batch.baseOffset() + " after log end offset " + next));
                }
                int batchEpoch = batch.leaderEpoch();
                if (batchEpoch >= 0 && (batchEpoch < epoch || batchEpoch > leaderEpoch)) {
                    return ofAnotherEpoch(batch, epoch, leaderEpoch);
                }
                epoch = Math.max(epoch, batchEpoch);
                next = batch.nextOffset();
                batches.add(batch);
            }
        } catch (MalformedException malformed) {
            return corrupt(String.valueOf(malformed.getMessage()));
        }
        return new Checked.Batches(batches, each.position() == bytes.limit());
    }

    private static Checked ofAnotherEpoch(BatchHeader batch, int lastEpoch, int leaderEpoch) {
        return new Checked.Refused(new AppendResult.Rejected(
                batch.leaderEpoch() > leaderEpoch ? ErrorCode.UNKNOWN_LEADER_EPOCH : ErrorCode.FENCED_LEADER_EPOCH,
                "epoch " + batch.leaderEpoch() + " at offset " + batch.baseOffset() + " after epoch " + lastEpoch
                        + ", from a leader of epoch " + leaderEpoch));
    }

    @SuppressWarnings("ReferenceEquality") // A recompressed batch lies in another buffer.
    private static boolean isIn(ByteBuffer bytes, BatchHeader batch) {
        return batch.buffer() == bytes;
    }

    private static Checked refused(Validation.Invalid invalid) {
        List<AppendResult.RecordError> errors = invalid.recordErrors().stream()
                .map(error -> new AppendResult.RecordError(error.index(), error.message()))
                .toList();
        return new Checked.Refused(new AppendResult.Rejected(invalid.error(), invalid.message(), errors));
    }

    private static Checked corrupt(String message) {
        return new Checked.Refused(new AppendResult.Rejected(ErrorCode.CORRUPT_MESSAGE, message));
    }
}
