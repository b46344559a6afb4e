package dev.tidemark.protocol.codec;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Check;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.record.MemoryRecords;
import dev.tidemark.protocol.record.RecordBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Writes the wire's basic types into one growing buffer. Records that do not lie in memory are not copied: they are
/// noted with their place, and [#parts] gives the buffer's pieces and the records in order. Owner: whoever encodes; one
/// thread. The memory goes back to its source by [#release], once, when all parts have been sent.
///
/// `compact` chooses the form of flexible versions (KIP-482): lengths as unsigned varints that are one too big.
public final class Writer {
    /// What leaves, in order.
    public sealed interface Part {
        int sizeInBytes();

        /// What lies between the position and the limit of `buffer`, memory of the writer.
        record Memory(ByteBuffer buffer) implements Part {
            @Override
            public int sizeInBytes() {
                return buffer.remaining();
            }
        }

        /// Records that lie elsewhere.
        record Inserted(RecordBytes records) implements Part {
            @Override
            public int sizeInBytes() {
                return records.sizeInBytes();
            }
        }
    }

    private record Insertion(int position, RecordBytes records) {}

    private final BufferSource source;
    private ByteBuffer buffer;
    private final List<Insertion> insertions = new ArrayList<>(0);
    private long insertedBytes;

    public Writer(BufferSource source, int capacity) {
        this.source = source;
        this.buffer = source.acquire(capacity);
    }

    /// On the heap.
    public Writer() {
        this(BufferSource.HEAP, 256);
    }

    /// All bytes so far, inserted records too.
    public long sizeInBytes() {
        return buffer.position() + insertedBytes;
    }

    /// What was written, in order. The writer must not be used afterwards, but for [#release].
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>(2 * insertions.size() + 1);
        int from = 0;
        for (Insertion insertion : insertions) {
            addMemory(parts, from, insertion.position);
            parts.add(new Part.Inserted(insertion.records));
            from = insertion.position;
        }
        addMemory(parts, from, buffer.position());
        return parts;
    }

    /// What was written, as one buffer of the writer's memory: only where no records were inserted.
    public ByteBuffer toBuffer() {
        Check.that(insertions.isEmpty(), "records were inserted");
        return buffer.slice(0, buffer.position());
    }

    /// Gives the memory back; no part may be used any more.
    public void release() {
        source.release(buffer);
    }

    public void writeBoolean(boolean value) {
        writeByte((byte) (value ? 1 : 0));
    }

    public void writeByte(byte value) {
        ensure(1);
        buffer.put(value);
    }

    public void writeShort(short value) {
        ensure(2);
        buffer.putShort(value);
    }

    public void writeUnsignedShort(int value) {
        Check.that(value >>> 16 == 0, "does not fit in 16 bits");
        ensure(2);
        buffer.putShort((short) value);
    }

    public void writeInt(int value) {
        ensure(4);
        buffer.putInt(value);
    }

    /// Overwrites the int at `position`, such as a size that is known now. Counts from the first byte written; no
    /// records may have been inserted before it.
    public void patchInt(int position, int value) {
        buffer.putInt(position, value);
    }

    public void writeUnsignedInt(long value) {
        Check.that(value >>> 32 == 0, "does not fit in 32 bits");
        writeInt((int) value);
    }

    public void writeLong(long value) {
        ensure(8);
        buffer.putLong(value);
    }

    public void writeDouble(double value) {
        ensure(8);
        buffer.putDouble(value);
    }

    public void writeUuid(Uuid value) {
        ensure(16);
        buffer.putLong(value.mostSignificantBits()).putLong(value.leastSignificantBits());
    }

    public void writeUnsignedVarint(int value) {
        ensure(5);
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    /// Zigzag, 32 bits.
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    /// Zigzag, 64 bits.
    public void writeVarlong(long value) {
        ensure(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    /// @throws IllegalArgumentException if `value` is longer than 32,767 bytes, the most that readers take
    public void writeString(String value, boolean compact) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > Short.MAX_VALUE)
            throw new IllegalArgumentException("a string of " + utf8.length + " bytes: at most 32767");
        if (compact) writeUnsignedVarint(utf8.length + 1);
        else writeShort((short) utf8.length);
        writeRaw(utf8);
    }

    public void writeNullableString(@Nullable String value, boolean compact) {
        if (value != null) writeString(value, compact);
        else if (compact) writeByte((byte) 0);
        else writeShort((short) -1);
    }

    public void writeBytes(Bytes value, boolean compact) {
        writeLength(value.size(), compact);
        writeBytesRaw(value);
    }

    public void writeNullableBytes(@Nullable Bytes value, boolean compact) {
        if (value != null) writeBytes(value, compact);
        else writeLength(-1, compact);
    }

    /// Starts anew with the same memory.
    public void clear() {
        buffer.clear();
        insertions.clear();
        insertedBytes = 0;
    }

    /// The bytes, without a length.
    public void writeBytesRaw(Bytes value) {
        ensure(value.size());
        value.putInto(buffer);
    }

    /// Bytes as they are, without a length.
    public void writeRaw(byte[] value) {
        ensure(value.length);
        buffer.put(value);
    }

    /// What remains in `value`, as it is, without a length; its position stays.
    public void writeRaw(ByteBuffer value) {
        int length = value.remaining();
        ensure(length);
        buffer.put(buffer.position(), value, value.position(), length);
        buffer.position(buffer.position() + length);
    }

    /// Copies records in memory and notes the place of others.
    public void writeRecords(RecordBytes records, boolean compact) {
        writeLength(records.sizeInBytes(), compact);
        if (records instanceof MemoryRecords memory) writeRaw(memory.buffer());
        else insert(records);
    }

    public void writeNullableRecords(@Nullable RecordBytes records, boolean compact) {
        if (records != null) writeRecords(records, compact);
        else writeLength(-1, compact);
    }

    public <T extends Message> void writeList(List<T> list, boolean compact, short version) {
        int size = list.size();
        writeLength(size, compact);
        for (int i = 0; i < size; i++) list.get(i).write(this, version);
    }

    public <T extends Message> void writeNullableList(@Nullable List<T> list, boolean compact, short version) {
        if (list != null) writeList(list, compact, version);
        else writeLength(-1, compact);
    }

    /// A list of what `writer` writes, such as `Writer::writeUuid`.
    public <T> void writeElements(List<T> list, boolean compact, BiConsumer<Writer, T> writer) {
        int size = list.size();
        writeLength(size, compact);
        for (int i = 0; i < size; i++) writer.accept(this, list.get(i));
    }

    public <T> void writeNullableElements(@Nullable List<T> list, boolean compact, BiConsumer<Writer, T> writer) {
        if (list != null) writeElements(list, compact, writer);
        else writeLength(-1, compact);
    }

    public void writeStringList(List<String> list, boolean compact) {
        int size = list.size();
        writeLength(size, compact);
        for (int i = 0; i < size; i++) writeString(list.get(i), compact);
    }

    public void writeNullableStringList(@Nullable List<String> list, boolean compact) {
        if (list != null) writeStringList(list, compact);
        else writeLength(-1, compact);
    }

    public void writeIntList(List<Integer> list, boolean compact) {
        int size = list.size();
        writeLength(size, compact);
        ensure(Math.multiplyExact(size, 4));
        if (list instanceof IntList ints) for (int i = 0; i < size; i++) buffer.putInt(ints.getInt(i));
        else for (int i = 0; i < size; i++) buffer.putInt(list.get(i));
    }

    public void writeNullableIntList(@Nullable List<Integer> list, boolean compact) {
        if (list != null) writeIntList(list, compact);
        else writeLength(-1, compact);
    }

    /// -1 for null.
    public void writeLength(int length, boolean compact) {
        if (compact) writeUnsignedVarint(length + 1);
        else writeInt(length);
    }

    /// Begins a tagged field; give the returned mark to [#endTag] when its content is written.
    public int beginTag(int tag) {
        writeUnsignedVarint(tag);
        ensure(1);
        buffer.put((byte) 0);
        return buffer.position();
    }

    /// Writes the size of the tagged field, for which [#beginTag] left one byte: longer content moves.
    public void endTag(int mark) {
        Check.that(insertions.isEmpty() || insertions.getLast().position < mark, "records in a tagged field");
        int size = buffer.position() - mark;
        if (size < 0x80) {
            buffer.put(mark - 1, (byte) size);
            return;
        }
        int sizeBytes = (38 - Integer.numberOfLeadingZeros(size)) / 7;
        ensure(sizeBytes - 1);
        buffer.put(mark - 1 + sizeBytes, buffer, mark, size);
        buffer.position(mark - 1);
        writeUnsignedVarint(size);
        buffer.position(buffer.position() + size);
    }

    private void insert(RecordBytes records) {
        if (records.sizeInBytes() == 0) return;
        insertions.add(new Insertion(buffer.position(), records));
        insertedBytes += records.sizeInBytes();
    }

    private void addMemory(List<Part> parts, int from, int to) {
        if (to > from) parts.add(new Part.Memory(buffer.slice(from, to - from)));
    }

    private void ensure(int bytes) {
        if (buffer.remaining() < bytes) grow(bytes);
    }

    private void grow(int bytes) {
        long needed = (long) buffer.position() + bytes;
        if (needed > Integer.MAX_VALUE - 8) throw new IllegalStateException("a message of more than 2 GiB");
        int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * buffer.capacity()));
        ByteBuffer larger = source.acquire(capacity);
        ByteBuffer old = buffer;
        larger.put(old.flip());
        buffer = larger;
        source.release(old);
    }
}
