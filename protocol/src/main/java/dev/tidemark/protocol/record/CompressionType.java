package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How the records of a batch are compressed: the numbers and names of Kafka, and the levels that its configs allow.
public enum CompressionType {
    NONE(0, 0, 0, 0),
    GZIP(1, 1, 9, -1),
    SNAPPY(2, 0, 0, 0),
    LZ4(3, 1, 17, 9),
    ZSTD(4, -131_072, 22, 3);

    private static final CompressionType[] BY_ID = values();

    private final int id;
    private final int levelMin;
    private final int levelMax;
    private final int levelDefault;

    CompressionType(int id, int levelMin, int levelMax, int levelDefault) {
        this.id = id;
        this.levelMin = levelMin;
        this.levelMax = levelMax;
        this.levelDefault = levelDefault;
    }

    /// Null if there is none of this number.
    public static @Nullable CompressionType forId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /// By the name in configs; null if there is none.
    public static @Nullable CompressionType forName(String name) {
        for (CompressionType type : BY_ID) if (type.configName().equals(name)) return type;
        return null;
    }

    public int id() {
        return id;
    }

    /// As in `compression.type`: `none`, `gzip`, `snappy`, `lz4`, `zstd`.
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public int levelMin() {
        return levelMin;
    }

    public int levelMax() {
        return levelMax;
    }

    public int levelDefault() {
        return levelDefault;
    }

    public boolean isValidLevel(int level) {
        return level == levelDefault || (level >= levelMin && level <= levelMax);
    }

    /// Compresses what is written to the result into `target`; closing finishes.
    OutputStream compressTo(OutputStream target, int level) throws IOException {
        return codec().compress(target, level);
    }

    /// The decompressed bytes of what remains in `source`, whose position stays.
    ///
    /// @throws MalformedException here and in [#read], where the bytes are damaged
    InputStream open(ByteBuffer source) {
        byte[] array = new byte[source.remaining()];
        source.get(source.position(), array);
        try {
            return codec().decompress(new ByteArrayInputStream(array));
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    /// Reads of what [#open] gave as a stream does; -1 at the end.
    int read(InputStream source, byte[] target, int offset, int length) {
        try {
            return source.read(target, offset, length);
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    void close(InputStream source) {
        try {
            source.close();
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private Codec codec() {
        return switch (this) {
            case NONE -> Codec.NONE;
            case GZIP -> Codec.GZIP;
            case SNAPPY -> Codec.SNAPPY;
            case LZ4 -> Codec.LZ4;
            case ZSTD -> Codec.ZSTD;
        };
    }

    static MalformedException tooLarge(long bytesMax) {
        return new MalformedException("the records unpack to more than " + bytesMax + " bytes");
    }

    /// The codecs throw all kinds of exceptions at damaged input.
    private MalformedException damaged(Exception cause) {
        String text = cause instanceof EOFException ? "it ends early" : String.valueOf(cause.getMessage());
        return new MalformedException("damaged " + configName() + " data: " + text);
    }
}
