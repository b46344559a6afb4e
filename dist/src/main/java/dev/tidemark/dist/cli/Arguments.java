package dev.tidemark.dist.cli;

import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Range;
import picocli.CommandLine.TypeConversionException;

/// Declares a command's options. Built by calls, as reading annotations would double the start-up time.
public final class Arguments {
    private final CommandSpec spec;
    private int positionals;

    Arguments(CommandSpec spec) {
        this.spec = spec;
    }

    /// One value that must be there.
    public Arguments positional(String label, String description) {
        return positional(label, description, String.class, Range.valueOf("1"));
    }

    /// One value that may be missing.
    public Arguments optionalPositional(String label, String description) {
        return positional(label, description, String.class, Range.valueOf("0..1"));
    }

    /// All values that follow; at least one where `required`.
    public Arguments positionals(String label, String description, boolean required) {
        return positional(label, description, List.class, Range.valueOf(required ? "1..*" : "0..*"));
    }

    private Arguments positional(String label, String description, Class<?> type, Range arity) {
        PositionalParamSpec.Builder builder = PositionalParamSpec.builder()
                .index(type == List.class ? positionals + "..*" : String.valueOf(positionals))
                .arity(arity.toString())
                .required(arity.min() > 0)
                .paramLabel(label)
                .description(description.replace("%", "%%")) // Picocli takes it for a format.
                .type(type);
        if (type == List.class) builder.auxiliaryTypes(String.class);
        spec.addPositional(builder.build());
        positionals++;
        return this;
    }

    /// `names` as `-p,--partitions`.
    public Arguments option(String names, String label, String description) {
        return option(names, label, description, String.class, text -> text);
    }

    public Arguments number(String names, String label, String description) {
        return option(names, label, description, Long.class, Arguments::toNumber);
    }

    private static Long toNumber(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException notANumber) {
            boolean isTooLong = text.matches("[+-]?[0-9]+");
            throw new TypeConversionException(
                    "'" + text + "' is " + (isTooLong ? "too large a number" : "not a whole number"));
        }
    }

    private <T> Arguments option(
            String names, String label, String description, Class<T> type, ITypeConverter<T> converter) {
        spec.addOption(OptionSpec.builder(names.split(","))
                .paramLabel(label)
                .description(description.replace("%", "%%")) // Picocli takes it for a format.
                .type(type)
                .converters(converter)
                .arity("1")
                .build());
        return this;
    }

    /// An option that may be given more than once.
    public Arguments repeated(String names, String label, String description) {
        spec.addOption(OptionSpec.builder(names.split(","))
                .paramLabel(label)
                .description(description.replace("%", "%%")) // Picocli takes it for a format.
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .build());
        return this;
    }

    public Arguments flag(String names, String description) {
        spec.addOption(OptionSpec.builder(names.split(","))
                .description(description.replace("%", "%%")) // Picocli takes it for a format.
                .type(boolean.class)
                .arity("0")
                .build());
        return this;
    }

    /// What every command that talks to a broker takes.
    public Arguments connection() {
        option(
                "-b,--bootstrap-server",
                "HOST:PORT,…",
                "Brokers to ask first. Default: $TIDEMARK_BOOTSTRAP, else localhost:9092.");
        return number("--timeout-ms", "MS", "Give up after so long. Default: 60000.");
    }

    /// `-o text|json`.
    public Arguments output() {
        return option("-o,--output", "FORMAT", "text (default) or json.", String.class, Arguments::toFormat);
    }

    /// Before the command does anything.
    private static String toFormat(String text) {
        if (text.equals("text") || text.equals(Invocation.JSON)) return text;
        throw new TypeConversionException("'" + text + "' is neither text nor json");
    }
}
