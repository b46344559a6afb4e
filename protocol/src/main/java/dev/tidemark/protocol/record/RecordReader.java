package dev.tidemark.protocol.record;

import dev.tidemark.protocol.codec.MalformedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Gives the records of a batch as objects that last, one by one. Where none are needed [RecordCursor] does without.
/// Close it where the batch may be compressed.
public final class RecordReader implements Iterator<Record>, AutoCloseable {
    private final RecordCursor cursor;
    private boolean ahead;
    private boolean hasNext;

    /// @param bytesMax how many bytes the records may unpack to
    /// @throws MalformedException here and later, at bytes that are not a batch's
    public RecordReader(BatchHeader batch, long bytesMax) {
        cursor = new RecordCursor(batch, bytesMax);
    }

    /// All records of a batch.
    public static List<Record> readAll(BatchHeader batch, long bytesMax) {
        List<Record> records = new ArrayList<>();
        try (RecordReader reader = new RecordReader(batch, bytesMax)) {
            reader.forEachRemaining(records::add);
        }
        return records;
    }

    @Override
    public boolean hasNext() {
        if (!ahead) {
            hasNext = cursor.next();
            ahead = true;
        }
        return hasNext;
    }

    @Override
    public Record next() {
        if (!hasNext()) throw new NoSuchElementException();
        ahead = false;
        return cursor.toRecord();
    }

    @Override
    public void close() {
        cursor.close();
    }
}
