package dev.tidemark.protocol.record;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.xerial.snappy.SnappyOutputStream;

/// The formats inside compressed batches. A native library is loaded when its codec is first used.
interface Codec {
    Codec NONE = new Codec() {
        @Override
        public OutputStream compress(OutputStream target, int level) {
            return target;
        }

        @Override
        public InputStream decompress(InputStream source) {
            return source;
        }
    };

    Codec GZIP = new Codec() {
        @Override
        public OutputStream compress(OutputStream target, int level) throws IOException {
            return new BufferedOutputStream(new LeveledGzip(target, level), 16 * 1024);
        }

        @Override
        public InputStream decompress(InputStream source) throws IOException {
            return new GZIPInputStream(source, 8 * 1024);
        }
    };

    /// The framing of snappy-java: a header of 16 bytes, then blocks with their lengths in front.
    Codec SNAPPY = new Codec() {
        @Override
        public OutputStream compress(OutputStream target, int level) {
            return new SnappyOutputStream(target);
        }

        @Override
        public InputStream decompress(InputStream source) throws IOException {
            return new SnappyBlocks(source);
        }
    };

    /// LZ4 frames of independent blocks of 64 KiB, as Kafka's clients write them.
    Codec LZ4 = new Codec() {
        @Override
        public OutputStream compress(OutputStream target, int level) throws IOException {
            LZ4Factory factory = LZ4Factory.fastestInstance();
            return new BufferedOutputStream(
                    new LZ4FrameOutputStream(
                            target,
                            LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                            -1L,
                            level == CompressionType.LZ4.levelDefault()
                                    ? factory.fastCompressor()
                                    : factory.highCompressor(level),
                            XXHashFactory.fastestInstance().hash32(),
                            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE),
                    16 * 1024);
        }

        @Override
        public InputStream decompress(InputStream source) throws IOException {
            return new LZ4FrameInputStream(
                    source,
                    LZ4Factory.fastestInstance().safeDecompressor(),
                    XXHashFactory.fastestInstance().hash32());
        }
    };

    /// Windows of up to 128 MiB, what level 22 takes; larger ones are refused by the library.
    Codec ZSTD = new Codec() {
        @Override
        public OutputStream compress(OutputStream target, int level) throws IOException {
            return new BufferedOutputStream(new ZstdOutputStreamNoFinalizer(target, level), 16 * 1024);
        }

        @Override
        public InputStream decompress(InputStream source) throws IOException {
            return new ZstdInputStreamNoFinalizer(source);
        }
    };

    OutputStream compress(OutputStream target, int level) throws IOException;

    InputStream decompress(InputStream source) throws IOException;

    /// The stream of the JDK has no parameter for the level.
    final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream target, int level) throws IOException {
            super(target, 8 * 1024);
            def.setLevel(level);
        }
    }
}
