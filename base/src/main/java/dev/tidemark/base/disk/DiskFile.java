package dev.tidemark.base.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/// An open file. Reads may go on beside a write; writes have one caller at a time, who owns the file.
public interface DiskFile extends Closeable {
    /// Reads from `position` until `target` is full or the file ends.
    ///
    /// @return bytes read; fewer than asked for only at the end of the file
    int read(ByteBuffer target, long position) throws IOException;

    /// Writes all that remains of `source` at `position`; nothing is promised to last before [#force].
    void write(ByteBuffer source, long position) throws IOException;

    /// Writes all of `sources` one behind the other at `position`.
    void write(ByteBuffer[] sources, long position) throws IOException;

    long sizeBytes() throws IOException;

    /// Cuts the file; a file that is not longer stays as it is.
    void truncate(long sizeBytes) throws IOException;

    /// Makes every byte written so far last. After a failure nothing may be assumed of any of them, and a repeated call
    /// proves nothing.
    void force() throws IOException;

    /// The channel to send from without a copy; empty where the file is not a real one.
    Optional<FileChannel> channel();

    @Override
    void close() throws IOException;
}
