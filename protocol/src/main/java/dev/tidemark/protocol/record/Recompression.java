package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Compresses a batch's records in another way: piece by piece, so that only the result takes memory.
public final class Recompression {
    private static final int PIECE_BYTES = 16 * 1024;

    private Recompression() {}

    /// The same batch, on the heap; all but its length, compression and checksum stays. Null if it would be larger than
    /// `sizeMax`.
    ///
    /// @param unpackedBytesMax how many bytes the records may unpack to
    /// @throws MalformedException if they are damaged, or unpack to more
    public static @Nullable ByteBuffer of(
            BatchHeader batch, Compression compression, long unpackedBytesMax, int sizeMax) {
        ByteArrayOutputStream target = new ByteArrayOutputStream(Math.min(sizeMax, 2 * batch.sizeInBytes()));
        target.writeBytes(new byte[BatchHeader.BYTES]);
        CompressionType type = batch.compression();
        InputStream source = type.open(batch.payload());
        try (OutputStream compressor = compression.type().compressTo(target, compression.level())) {
            byte[] piece = new byte[PIECE_BYTES];
            long unpacked = 0;
            for (int read = 0; read >= 0; read = type.read(source, piece, 0, piece.length)) {
                compressor.write(piece, 0, read);
                unpacked += read;
                if (unpacked > unpackedBytesMax) throw CompressionType.tooLarge(unpackedBytesMax);
                if (target.size() > sizeMax) return null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            type.close(source);
        }
        return target.size() > sizeMax ? null : withHeader(batch, compression, ByteBuffer.wrap(target.toByteArray()));
    }

    private static ByteBuffer withHeader(BatchHeader batch, Compression compression, ByteBuffer result) {
        result.put(0, batch.buffer(), batch.position(), BatchHeader.BYTES);
        result.putInt(BatchHeader.LENGTH_AT, result.limit() - BatchHeader.PREFIX_BYTES);
        BatchHeader header = new BatchHeader(result, 0);
        header.setAttributes((batch.attributes() & ~BatchHeader.COMPRESSION_MASK)
                | compression.type().id());
        header.writeCrc();
        return result;
    }
}
