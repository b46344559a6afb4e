package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;

/// `/latest_producer_id_block`.
public final class ProducerIdBlockJson {
    private ProducerIdBlockJson() {}

    /// Producer ids from `first` to `last`, both included, that belong to one broker.
    public record Block(int brokerId, long first, long last) {}

    public static Bytes write(Block block) {
        return new JsonText()
                .open()
                .field("version", 1)
                .field("broker", block.brokerId())
                .field("block_start", Long.toString(block.first()))
                .field("block_end", Long.toString(block.last()))
                .close()
                .toBytes();
    }

    public static Parsed<Block> parse(Bytes data) {
        return Parsed.ofObject(data, json -> {
            json.version(1);
            long first = json.longNumber("block_start", 0, Long.MAX_VALUE);
            return new Block(
                    json.number("broker", -1, Integer.MAX_VALUE),
                    first,
                    json.longNumber("block_end", first, Long.MAX_VALUE));
        });
    }
}
