package dev.tidemark.protocol.generator;

import java.util.List;
import java.util.Map;

/// One message definition.
///
/// @param apiKey of a request or response, the record type of a coordinator's key or value, else -1
/// @param stable the highest version that is not experimental
/// @param structs all structures within the message by name, in the order of their first use
record Schema(
        Kind kind,
        int apiKey,
        String name,
        Versions versions,
        int stable,
        Versions flexible,
        Struct root,
        Map<String, Struct> structs,
        List<String> listeners) {
    enum Kind {
        REQUEST,
        RESPONSE,
        HEADER,
        DATA,
        COORDINATOR_KEY,
        COORDINATOR_VALUE
    }

    /// What lies in internal topics and in the consumers' own metadata has a package of its own.
    boolean isInternalTopic() {
        return kind == Kind.COORDINATOR_KEY || kind == Kind.COORDINATOR_VALUE || name.startsWith("ConsumerProtocol");
    }

    Struct struct(String structName) {
        Struct struct = structs.get(structName);
        if (struct == null) throw new IllegalArgumentException(name + " has no structure " + structName);
        return struct;
    }
}
