package dev.tidemark.protocol.codec;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.protocol.record.MemoryRecords;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads the wire's basic types from a buffer and moves its position. Believes no length and no count: each is checked
/// against the bytes that remain, and against the caps, before anything is allocated. Everything but record bytes is
/// copied to the heap. Owner: whoever decodes; one thread.
///
/// `compact` chooses the form of flexible versions (KIP-482): lengths as unsigned varints that are one too big.
///
/// All methods throw [MalformedException].
public final class Reader {
    /// As Apache Kafka's readers do since 4.4.
    public static final int ARRAY_ELEMENTS_MAX = 1_000_000;

    public static final int TAGGED_FIELDS_MAX = 10_000;

    private static final FixedList<?> EMPTY = new FixedList<>(new Object[0]);
    private static final char REPLACEMENT = '\uFFFD';

    private final ByteBuffer buffer;
    private long elementsLeft;

    public Reader(ByteBuffer buffer) {
        this(buffer, Long.MAX_VALUE);
    }

    /// @param elementsMax bounds the elements of all arrays together, so that a small frame of a stranger cannot become
    ///     a large heap
    public Reader(ByteBuffer buffer, long elementsMax) {
        this.buffer = buffer;
        this.elementsLeft = elementsMax;
    }

    public int remaining() {
        return buffer.remaining();
    }

    /// Ends the reading of a whole message: nothing may be left.
    public void expectEnd() {
        if (buffer.hasRemaining()) throw new MalformedException(buffer.remaining() + " bytes behind the end");
    }

    public boolean readBoolean() {
        require(1);
        return buffer.get() != 0;
    }

    public byte readByte() {
        require(1);
        return buffer.get();
    }

    public short readShort() {
        require(2);
        return buffer.getShort();
    }

    public int readUnsignedShort() {
        require(2);
        return buffer.getShort() & 0xFFFF;
    }

    public int readInt() {
        require(4);
        return buffer.getInt();
    }

    public long readUnsignedInt() {
        require(4);
        return buffer.getInt() & 0xFFFF_FFFFL;
    }

    public long readLong() {
        require(8);
        return buffer.getLong();
    }

    public double readDouble() {
        require(8);
        return buffer.getDouble();
    }

    public Uuid readUuid() {
        require(16);
        long high = buffer.getLong();
        long low = buffer.getLong();
        return (high | low) == 0 ? Uuid.ZERO : new Uuid(high, low);
    }

    /// At most 5 bytes, and no bit above the 32nd.
    public int readUnsignedVarint() {
        byte first = readByte();
        return first >= 0 ? first : readLongUnsignedVarint(first & 0x7F);
    }

    private int readLongUnsignedVarint(int low) {
        int value = low;
        for (int shift = 7; shift < 35; shift += 7) {
            byte next = readByte();
            if (shift == 28 && (next & 0xF0) != 0) break;
            value |= (next & 0x7F) << shift;
            if (next >= 0) return value;
        }
        throw new MalformedException("a varint of more than 32 bits");
    }

    /// A zigzag varint of 32 bits.
    public int readVarint() {
        int raw = readUnsignedVarint();
        return (raw >>> 1) ^ -(raw & 1);
    }

    /// A zigzag varint of 64 bits: at most 10 bytes.
    public long readVarlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = readByte();
            if (shift == 63 && (next & 0xFE) != 0) break;
            value |= (next & 0x7FL) << shift;
            if (next >= 0) return (value >>> 1) ^ -(value & 1);
        }
        throw new MalformedException("a varint of more than 64 bits");
    }

    public String readString(boolean compact) {
        int length = readLength(compact, 2);
        if (length < 0) throw new MalformedException("null where a string must be");
        return text(length);
    }

    public @Nullable String readNullableString(boolean compact) {
        int length = readLength(compact, 2);
        return length < 0 ? null : text(length);
    }

    public Bytes readBytes(boolean compact) {
        int length = readLength(compact, 4);
        if (length < 0) throw new MalformedException("null where bytes must be");
        return bytes(length);
    }

    public @Nullable Bytes readNullableBytes(boolean compact) {
        int length = readLength(compact, 4);
        return length < 0 ? null : bytes(length);
    }

    /// A slice of the buffer, not a copy.
    public MemoryRecords readRecords(boolean compact) {
        int length = readLength(compact, 4);
        if (length < 0) throw new MalformedException("null where records must be");
        return records(length);
    }

    /// A slice of the buffer, not a copy.
    public @Nullable MemoryRecords readNullableRecords(boolean compact) {
        int length = readLength(compact, 4);
        return length < 0 ? null : records(length);
    }

    /// @param elementBytesMin what an element takes at the least, in any version
    public <T> List<T> readList(boolean compact, int elementBytesMin, short version, StructReader<T> reader) {
        return list(nonNullCount(compact, elementBytesMin), version, reader);
    }

    public <T> @Nullable List<T> readNullableList(
            boolean compact, int elementBytesMin, short version, StructReader<T> reader) {
        int count = readCount(compact, elementBytesMin);
        return count < 0 ? null : list(count, version, reader);
    }

    /// A list of what `reader` reads, such as `Reader::readUuid`.
    public <T> List<T> readElements(boolean compact, int elementBytes, Function<Reader, T> reader) {
        return elements(nonNullCount(compact, elementBytes), reader);
    }

    public <T> @Nullable List<T> readNullableElements(boolean compact, int elementBytes, Function<Reader, T> reader) {
        int count = readCount(compact, elementBytes);
        return count < 0 ? null : elements(count, reader);
    }

    public List<String> readStringList(boolean compact) {
        return strings(nonNullCount(compact, compact ? 1 : 2), compact);
    }

    public @Nullable List<String> readNullableStringList(boolean compact) {
        int count = readCount(compact, compact ? 1 : 2);
        return count < 0 ? null : strings(count, compact);
    }

    public List<Integer> readIntList(boolean compact) {
        return ints(nonNullCount(compact, 4));
    }

    public @Nullable List<Integer> readNullableIntList(boolean compact) {
        int count = readCount(compact, 4);
        return count < 0 ? null : ints(count);
    }

    /// The number of tagged fields that follow.
    public int readTagCount() {
        int count = readUnsignedVarint();
        if (count < 0 || count > TAGGED_FIELDS_MAX)
            throw new MalformedException(Integer.toUnsignedString(count) + " tagged fields");
        return count;
    }

    /// The next tag, which must be greater than `previous` (-1 before the first).
    public int readTag(int previous) {
        int tag = readUnsignedVarint();
        if (tag < 0) throw new MalformedException("tag " + Integer.toUnsignedString(tag));
        if (tag <= previous) throw new MalformedException("tag " + tag + " behind tag " + previous);
        return tag;
    }

    /// The size of the tagged field; returns the position where it ends.
    public int readTagEnd() {
        int size = readUnsignedVarint();
        if (size < 0 || size > buffer.remaining()) throw tooLong("a tagged field", size);
        return buffer.position() + size;
    }

    /// A known tagged field must end where its size says.
    public void expectTagEnd(int tag, int end) {
        if (buffer.position() != end)
            throw new MalformedException("tag " + tag + " is " + (buffer.position() - end) + " bytes off its size");
    }

    public void skipTag(int end) {
        buffer.position(end);
    }

    /// Skips a whole section of tagged fields, none of which is known.
    public void skipTags() {
        int count = readTagCount();
        for (int i = 0, tag = -1; i < count; i++) {
            tag = readTag(tag);
            skipTag(readTagEnd());
        }
    }

    private void require(int bytes) {
        if (buffer.remaining() < bytes)
            throw new MalformedException("ends early: " + bytes + " bytes wanted, " + buffer.remaining() + " left");
    }

    /// -1 for null, else a length of bytes that are there.
    private int readLength(boolean compact, int fixedBytes) {
        int length = compact ? readUnsignedVarint() - 1 : fixedBytes == 2 ? readShort() : readInt();
        if (length < -1) throw new MalformedException("length " + length);
        if (length > buffer.remaining()) throw tooLong("a value", length);
        return length;
    }

    private int nonNullCount(boolean compact, int elementBytesMin) {
        int count = readCount(compact, elementBytesMin);
        if (count < 0) throw new MalformedException("null where an array must be");
        return count;
    }

    private int readCount(boolean compact, int elementBytesMin) {
        int count = compact ? readUnsignedVarint() - 1 : readInt();
        if (count < -1) throw new MalformedException("an array of " + count + " elements");
        if (count > ARRAY_ELEMENTS_MAX)
            throw new MalformedException("an array of " + count + " elements, more than " + ARRAY_ELEMENTS_MAX);
        if ((long) count * elementBytesMin > buffer.remaining())
            throw new MalformedException("an array of " + count + " elements in " + buffer.remaining() + " bytes");
        elementsLeft -= Math.max(0, count);
        if (elementsLeft < 0) throw new MalformedException("more elements in all than this reader takes");
        return count;
    }

    private static MalformedException tooLong(String what, int size) {
        return new MalformedException(
                what + " of " + Integer.toUnsignedString(size) + " bytes is longer than the rest");
    }

    private String text(int length) {
        if (length == 0) return "";
        if (length > Short.MAX_VALUE) throw new MalformedException("a string of " + length + " bytes");
        String text;
        if (buffer.hasArray()) {
            int from = buffer.arrayOffset() + buffer.position();
            text = new String(buffer.array(), from, length, StandardCharsets.UTF_8);
            if (text.indexOf(REPLACEMENT) >= 0)
                checkUtf8(text, Arrays.copyOfRange(buffer.array(), from, from + length));
            buffer.position(buffer.position() + length);
        } else {
            byte[] copy = new byte[length];
            buffer.get(copy);
            text = new String(copy, StandardCharsets.UTF_8);
            if (text.indexOf(REPLACEMENT) >= 0) checkUtf8(text, copy);
        }
        return text;
    }

    /// Decoding puts the replacement character in the place of what is not UTF-8; one that was sent is fine.
    private static void checkUtf8(String text, byte[] source) {
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), source))
            throw new MalformedException("a string that is not UTF-8");
    }

    private Bytes bytes(int length) {
        if (length == 0) return Bytes.EMPTY;
        byte[] copy = new byte[length];
        buffer.get(copy);
        return Bytes.wrap(copy);
    }

    private MemoryRecords records(int length) {
        int position = buffer.position();
        MemoryRecords records = new MemoryRecords(buffer.slice(position, length));
        buffer.position(position + length);
        return records;
    }

    private <T> List<T> list(int count, short version, StructReader<T> reader) {
        if (count == 0) return empty();
        Object[] elements = new Object[count];
        for (int i = 0; i < count; i++) elements[i] = reader.read(this, version);
        return new FixedList<>(elements);
    }

    private <T> List<T> elements(int count, Function<Reader, T> reader) {
        if (count == 0) return empty();
        Object[] elements = new Object[count];
        for (int i = 0; i < count; i++) elements[i] = reader.apply(this);
        return new FixedList<>(elements);
    }

    private List<String> strings(int count, boolean compact) {
        if (count == 0) return empty();
        Object[] elements = new Object[count];
        for (int i = 0; i < count; i++) elements[i] = readString(compact);
        return new FixedList<>(elements);
    }

    private IntList ints(int count) {
        int[] elements = new int[count];
        for (int i = 0; i < count; i++) elements[i] = buffer.getInt();
        return IntList.wrap(elements);
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> empty() {
        return (List<T>) EMPTY;
    }
}
