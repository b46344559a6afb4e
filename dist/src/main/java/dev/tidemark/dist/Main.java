package dev.tidemark.dist;

import dev.tidemark.dist.broker.BrokerProcess;
import dev.tidemark.dist.cli.BrokerStart;
import dev.tidemark.dist.cli.Cli;

/// `./tidemark`: the command line, and the broker behind its `start` command.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(Cli.run(arguments, Main::startBroker));
    }

    /// Runs a broker until it is told to stop; its exit code.
    private static int startBroker(BrokerStart start) {
        return BrokerProcess.run(start.propertiesFile(), start.overrides());
    }
}
