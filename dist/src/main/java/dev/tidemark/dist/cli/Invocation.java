package dev.tidemark.dist.cli;

import dev.tidemark.dist.cli.output.Json;
import dev.tidemark.dist.cli.output.Terminal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/// The values that one run of a command was given.
public final class Invocation {
    static final String JSON = "json";

    private final ParseResult parsed;
    private final Terminal terminal;
    private final BrokerStarter brokerStarter;

    Invocation(ParseResult parsed, Terminal terminal, BrokerStarter brokerStarter) {
        this.parsed = parsed;
        this.terminal = terminal;
        this.brokerStarter = brokerStarter;
    }

    public Terminal terminal() {
        return terminal;
    }

    public BrokerStarter brokerStarter() {
        return brokerStarter;
    }

    public @Nullable String text(String option) {
        return parsed.matchedOptionValue(option, null);
    }

    public String text(String option, String otherwise) {
        String given = text(option);
        return given == null ? otherwise : given;
    }

    public @Nullable Long number(String option) {
        return parsed.matchedOptionValue(option, null);
    }

    public long number(String option, long otherwise) {
        Long given = number(option);
        return given == null ? otherwise : given;
    }

    /// A number that must fit in an int and be `min` at least.
    public int count(String option, int otherwise, int min) {
        long given = number(option, otherwise);
        if (number(option) != null && (given < min || given > Integer.MAX_VALUE))
            throw CliException.usage(option + " is " + given + "; it must be "
                    + (given < min ? min + " or more" : Integer.MAX_VALUE + " or less"));
        return (int) given;
    }

    public boolean isSet(String option) {
        return parsed.hasMatchedOption(option);
    }

    /// The values of an option that may be repeated.
    public List<String> texts(String option) {
        return parsed.matchedOptionValue(option, List.of());
    }

    /// `key=value` of an option that may be repeated, in the order given.
    public Map<String, String> pairs(String option) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String text : texts(option)) {
            int equals = text.indexOf('=');
            if (equals <= 0) throw CliException.usage(option + " wants key=value, not '" + text + "'");
            pairs.put(text.substring(0, equals).strip(), text.substring(equals + 1));
        }
        return pairs;
    }

    public String positional(int index) {
        return parsed.matchedPositionalValue(index, "");
    }

    public @Nullable String optionalPositional(int index) {
        return parsed.hasMatchedPositional(index) ? parsed.matchedPositionalValue(index, "") : null;
    }

    /// The values of the list that begins at `index`.
    public List<String> positionals(int index) {
        return parsed.hasMatchedPositional(index) ? parsed.matchedPositionalValue(index, List.of()) : List.of();
    }

    /// Whether `-o json` is given.
    public boolean isJson() {
        return text("--output", "text").equals(JSON);
    }

    public void printJson(@Nullable Object value) {
        terminal.out().println(Json.pretty(value));
    }
}
