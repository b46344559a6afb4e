package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;

/// `/controller`, and the bare number in `/controller_epoch`.
public final class ControllerJson {
    private ControllerJson() {}

    public static Bytes write(int brokerId, long timestampMs) {
        return new JsonText()
                .open()
                .field("version", 2)
                .field("brokerid", brokerId)
                .field("timestamp", Long.toString(timestampMs))
                .field("kraftControllerEpoch", -1)
                .close()
                .toBytes();
    }

    /// The controller's broker id. Any version is taken: only the id is read.
    public static Parsed<Integer> parse(Bytes data) {
        return Parsed.ofObject(data, json -> json.number("brokerid", 0, Integer.MAX_VALUE));
    }

    public static Bytes writeEpoch(int epoch) {
        return Bytes.utf8(Integer.toString(epoch));
    }

    public static Parsed<Integer> parseEpoch(Bytes data) {
        return Znodes.nodeNumber(data.toUtf8().strip())
                .<Parsed<Integer>>map(Parsed.Good::new)
                .orElseGet(() -> new Parsed.Bad<>("not a controller epoch"));
    }
}
