package dev.tidemark.dist.broker;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LogbackServiceProvider;
import ch.qos.logback.classic.util.LogbackMDCAdapter;

/// Logback, set up by [LogOutput] at once. Nobody looks for providers and configurators then, which would open every
/// jar on the class path: a tenth of a broker's start.
public final class LogProvider extends LogbackServiceProvider {
    /// For SLF4J, by name.
    public LogProvider() {}

    /// Makes SLF4J take this one. To be called before anybody logs.
    public static void use() {
        if (System.getProperty("slf4j.provider") != null) return;
        System.setProperty("slf4j.provider", LogProvider.class.getName());
        if (System.getProperty("slf4j.internal.verbosity") == null)
            System.setProperty("slf4j.internal.verbosity", "WARN"); // Or it would print that it takes this one.
    }

    @Override
    public void initialize() {
        if (LogOutput.isElsewhere()) {
            super.initialize();
            return;
        }
        LoggerContext loggers = (LoggerContext) getLoggerFactory();
        loggers.setName("default");
        loggers.setMDCAdapter((LogbackMDCAdapter) getMDCAdapter());
        LogOutput output = new LogOutput();
        output.setContext(loggers);
        var _ = output.configure(loggers);
        loggers.start();
    }
}
