package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import java.util.SortedMap;
import java.util.TreeMap;

/// `/controller`, and the bare number in `/controller_epoch`. One field is our own: `seen_brokers`, the epochs of the
/// brokers whose coming the controller has seen to; others skip it.
public final class ControllerJson {
    private ControllerJson() {}

    /// What `/controller` says.
    public record Controller(int brokerId, SortedMap<Integer, Long> seen) {}

    public static Bytes write(int brokerId, long timestampMs) {
        return write(brokerId, timestampMs, new TreeMap<>());
    }

    public static Bytes write(int brokerId, long timestampMs, SortedMap<Integer, Long> seen) {
        JsonText json = new JsonText()
                .open()
                .field("version", 2)
                .field("brokerid", brokerId)
                .field("timestamp", Long.toString(timestampMs))
                .field("kraftControllerEpoch", -1);
        if (!seen.isEmpty()) {
            json.open("seen_brokers");
            seen.forEach((broker, epoch) -> json.field(Integer.toString(broker), epoch));
            json.close();
        }
        return json.close().toBytes();
    }

    /// Any version is taken.
    public static Parsed<Controller> parse(Bytes data) {
        return Parsed.ofObject(
                data,
                json -> new Controller(
                        json.number("brokerid", 0, Integer.MAX_VALUE), seen(json.object("seen_brokers"))));
    }

    private static SortedMap<Integer, Long> seen(JsonObject json) {
        SortedMap<Integer, Long> seen = new TreeMap<>();
        for (String name : json.names()) {
            Znodes.nodeNumber(name).ifPresent(id -> seen.put(id, json.longNumber(name, 0, Long.MAX_VALUE)));
        }
        return seen;
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
