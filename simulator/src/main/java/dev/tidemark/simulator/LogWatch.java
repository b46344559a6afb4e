package dev.tidemark.simulator;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.tidemark.simulator.world.Findings;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Reads what the brokers write to their log: part of the story, and where it is a bug that was caught, a finding.
final class LogWatch extends AppenderBase<ILoggingEvent> {
    private static @Nullable LogWatch current;

    private final Findings findings;

    private LogWatch(Findings findings) {
        this.findings = findings;
    }

    static void watch(Findings findings) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.setLevel(findings.isToldInDetail() ? Level.DEBUG : Level.INFO);
        LogWatch watch = new LogWatch(findings);
        watch.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        watch.start();
        root.addAppender(watch);
        current = watch;
    }

    static void end() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        LogWatch watch = current;
        if (watch != null) root.detachAppender(watch);
        current = null;
    }

    @Override
    protected void append(ILoggingEvent event) {
        String logger = event.getLoggerName();
        String line = logger.substring(logger.lastIndexOf('.') + 1) + ": " + event.getFormattedMessage();
        findings.tell("    " + event.getLevel() + " " + line);
        if (!event.getLevel().isGreaterOrEqual(Level.ERROR)) return;
        if (event.getThrowableProxy() instanceof ThrowableProxy caught && isBug(caught.getThrowable())) {
            findings.violated("no-exception", line + "\n" + stackOf(caught.getThrowable()));
        }
    }

    private static boolean isBug(Throwable thrown) {
        return thrown instanceof RuntimeException || thrown instanceof Error;
    }

    private static String stackOf(Throwable bug) {
        StringBuilder text = new StringBuilder(bug.toString());
        StackTraceElement[] stack = bug.getStackTrace();
        for (int i = 0; i < Math.min(15, stack.length); i++)
            text.append("\n        at ").append(stack[i]);
        Throwable cause = bug.getCause();
        return cause == null ? text.toString() : text + "\n      because of " + stackOf(cause);
    }
}
