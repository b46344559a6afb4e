package dev.tidemark.dist.broker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/// Where the broker's log lines go: to standard output, in the form that Kafka's default has. Set up in code, as
/// reading an XML file would cost a good part of the start. `-Dlogback.configurationFile=…` takes its place, and
/// `-Dtidemark.log.level=DEBUG` changes the level of Tidemark's own lines.
public final class LogOutput extends ContextAwareBase implements Configurator {
    static boolean isElsewhere() {
        return System.getProperty("logback.configurationFile") != null;
    }

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        if (isElsewhere()) return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(loggers);
        encoder.setPattern("[%d] %-5level %msg \\(%logger{0}\\)%n");
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(loggers);
        console.setName("console");
        console.setEncoder(encoder);
        console.start();
        loggers.getLogger("ROOT").addAppender(console);
        loggers.getLogger("ROOT").setLevel(Level.WARN);
        loggers.getLogger("dev.tidemark").setLevel(Level.toLevel(System.getProperty("tidemark.log.level"), Level.INFO));
        // What goes wrong with ZooKeeper we say ourselves, in one line.
        loggers.getLogger("org.apache.zookeeper").setLevel(Level.ERROR);
        loggers.getLogger("org.apache.zookeeper.server.quorum").setLevel(Level.OFF);
        loggers.getLogger("org.apache.curator").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
