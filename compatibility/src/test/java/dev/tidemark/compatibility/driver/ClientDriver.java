package dev.tidemark.compatibility.driver;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/// A client that does what it is told: operations such as `produce` or `member_poll` with arguments by name, and JSON
/// answers. `JavaDriver`, `clients/*.py` and `clients/kafkajs.js` understand the same ones.
public interface ClientDriver extends AutoCloseable {
    /// @throws ClientFailed when the client reported an error, in its own words
    JsonNode call(String operation, Map<String, ?> arguments);

    /// False once its process has ended; it answers no more then.
    boolean isOpen();

    @Override
    void close();

    /// What the client said.
    final class ClientFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public ClientFailed(String message) {
            super(message);
        }
    }
}
