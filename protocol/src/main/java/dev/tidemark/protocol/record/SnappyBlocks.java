package dev.tidemark.protocol.record;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/// Reads snappy-java's framing, or a bare snappy block where its header is missing. Unlike the library's own stream it
/// believes no announced length that the input cannot hold.
final class SnappyBlocks extends InputStream {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = 16;
    /// No snappy block expands more than this: a copy of 64 bytes takes 3.
    private static final int RATIO_MAX = 22;

    private final byte[] source;
    private int at;
    private byte[] block = new byte[0];
    private int blockAt;
    private int blockEnd;

    SnappyBlocks(InputStream in) throws IOException {
        source = in.readAllBytes();
        if (skipHeader()) return;
        at = source.length;
        if (source.length > 0) uncompress(0, source.length);
    }

    @Override
    public int read() throws IOException {
        return fill() ? block[blockAt++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) return 0;
        if (!fill()) return -1;
        int count = Math.min(length, blockEnd - blockAt);
        System.arraycopy(block, blockAt, target, offset, count);
        blockAt += count;
        return count;
    }

    /// Whether the current block has bytes left, after going on to the next one where need be.
    private boolean fill() throws IOException {
        while (blockAt == blockEnd) {
            if (at == source.length) return false;
            nextBlock();
        }
        return true;
    }

    private boolean skipHeader() {
        boolean there = source.length - at >= HEADER_BYTES
                && Arrays.equals(source, at, at + MAGIC.length, MAGIC, 0, MAGIC.length);
        if (there) at += HEADER_BYTES;
        return there;
    }

    /// Streams may follow each other, each with its header.
    private void nextBlock() throws IOException {
        if (skipHeader()) return;
        if (source.length - at < 4) throw new IOException("a block's length is cut off");
        int length = (source[at] & 0xFF) << 24
                | (source[at + 1] & 0xFF) << 16
                | (source[at + 2] & 0xFF) << 8
                | (source[at + 3] & 0xFF);
        at += 4;
        if (length < 0 || length > source.length - at) throw new IOException("a block of " + length + " bytes");
        uncompress(at, length);
        at += length;
    }

    private void uncompress(int from, int length) throws IOException {
        int size = Snappy.uncompressedLength(source, from, length);
        if (size < 0 || size / RATIO_MAX > length)
            throw new IOException("a block that says it holds " + size + " bytes");
        if (block.length < size) block = new byte[size];
        blockAt = 0;
        blockEnd = size;
        if (Snappy.uncompress(source, from, length, block, 0) != size) throw new IOException("a block is cut off");
    }
}
