package dev.tidemark.dist.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `tidemark start`: a broker in this process, until it is told to stop.
public final class Start implements Command {
    @Override
    public String summary() {
        return "Run a broker in the foreground; TERM or Ctrl-C stops it cleanly.";
    }

    @Override
    public void declare(Arguments arguments) {
        arguments
                .optionalPositional(
                        "server.properties",
                        "Settings by Kafka's names. Without a file: sensible defaults and a data folder of its own.")
                .repeated("--override", "KEY=VALUE", "A setting that wins over the file's; may be repeated.");
    }

    @Override
    public List<String> examples() {
        return List.of(
                "tidemark start",
                "tidemark start server.properties",
                "tidemark start --override listeners=PLAINTEXT://:9192 --override log.dirs=/tmp/data",
                "TIDEMARK_HEAP_OPTS='-Xmx2g' tidemark start server.properties");
    }

    /// Reads the usual ways to start without the command line's other classes, which a broker does not need: they would
    /// cost a tenth of its start. Null for whatever has to be explained.
    public static @Nullable BrokerStart simple(String[] arguments) {
        if (arguments.length == 0 || !arguments[0].equals("start")) return null;
        Path file = null;
        Map<String, String> overrides = new LinkedHashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--override") && i + 1 < arguments.length) {
                String pair = arguments[++i];
                int equals = pair.indexOf('=');
                if (equals <= 0) return null;
                overrides.put(pair.substring(0, equals).strip(), pair.substring(equals + 1));
            } else if (file == null && !arguments[i].startsWith("-") && Files.isReadable(Path.of(arguments[i]))) {
                file = Path.of(arguments[i]);
            } else {
                return null;
            }
        }
        return new BrokerStart(file, overrides);
    }

    @Override
    public int run(Invocation invocation) {
        String file = invocation.optionalPositional(0);
        Path path = file == null ? null : Path.of(file);
        if (path != null && !Files.isReadable(path))
            throw CliException.usage(
                    "the file '" + file + "' cannot be read; it must hold settings as key=value lines");
        return invocation.brokerStarter().run(new BrokerStart(path, invocation.pairs("--override")));
    }
}
