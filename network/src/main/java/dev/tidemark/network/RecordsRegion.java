package dev.tidemark.network;

import dev.tidemark.storage.segment.FileRecords;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/// Records on their way from the page cache to a socket by `sendfile`. They are released when they were sent, or when
/// the connection ended. The file stays open: it is not the network's.
final class RecordsRegion extends DefaultFileRegion {
    private final FileRecords records;

    RecordsRegion(FileRecords records, FileChannel channel) {
        super(channel, records.position(), records.sizeInBytes());
        this.records = records;
    }

    @Override
    protected void deallocate() {
        records.release();
    }
}
