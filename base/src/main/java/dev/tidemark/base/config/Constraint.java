package dev.tidemark.base.config;

import java.math.BigDecimal;
import java.util.List;

/// What a value must satisfy beyond its type. Each says of itself what it allows.
public sealed interface Constraint {
    boolean allows(Object value);

    /// To follow "must be".
    String allowed();

    record Anything() implements Constraint {
        @Override
        public boolean allows(Object value) {
            return true;
        }

        @Override
        public String allowed() {
            return "anything";
        }
    }

    /// Both ends belong to the range.
    record Range(BigDecimal least, BigDecimal most) implements Constraint {
        @Override
        public boolean allows(Object value) {
            if (value instanceof Double number && !Double.isFinite(number)) return false;
            BigDecimal number = new BigDecimal(value.toString());
            return number.compareTo(least) >= 0 && number.compareTo(most) <= 0;
        }

        @Override
        public String allowed() {
            return "from " + least.toPlainString() + " to " + most.toPlainString();
        }
    }

    record AtLeast(BigDecimal least) implements Constraint {
        @Override
        public boolean allows(Object value) {
            if (value instanceof Double number && number.isNaN()) return false;
            if (value instanceof Double number && number.isInfinite()) return number > 0;
            return new BigDecimal(value.toString()).compareTo(least) >= 0;
        }

        @Override
        public String allowed() {
            return "at least " + least.toPlainString();
        }
    }

    /// A text, or each entry of a list, is one of `values`.
    record OneOf(List<String> values) implements Constraint {
        @Override
        public boolean allows(Object value) {
            return value instanceof List<?> entries ? values.containsAll(entries) : values.contains(value.toString());
        }

        @Override
        public String allowed() {
            return "one of " + String.join(", ", values);
        }
    }

    /// As [OneOf], in capital or small letters.
    record OneOfIgnoringCase(List<String> values) implements Constraint {
        @Override
        public boolean allows(Object value) {
            return values.stream().anyMatch(known -> known.equalsIgnoreCase(value.toString()));
        }

        @Override
        public String allowed() {
            return "one of " + String.join(", ", values) + ", in capital or small letters";
        }
    }

    /// Not the empty text, not the empty list.
    record NotEmpty() implements Constraint {
        @Override
        public boolean allows(Object value) {
            return value instanceof List<?> entries
                    ? !entries.isEmpty()
                    : !value.toString().isBlank();
        }

        @Override
        public String allowed() {
            return "not empty";
        }
    }

    /// What throttled replicas are written as: `*` or `partition:broker,…`.
    record ThrottledReplicas() implements Constraint {
        @Override
        public boolean allows(Object value) {
            return value instanceof List<?> entries
                    && (entries.equals(List.of("*"))
                            || entries.stream()
                                    .allMatch(entry -> entry.toString().matches("\\d{1,9}:\\d{1,9}")));
        }

        @Override
        public String allowed() {
            return "* or a list of partition:broker";
        }
    }

    record Both(Constraint first, Constraint second) implements Constraint {
        @Override
        public boolean allows(Object value) {
            return first.allows(value) && second.allows(value);
        }

        @Override
        public String allowed() {
            return first.allowed() + " and " + second.allowed();
        }
    }

    /// For a scale with a value beside it that means something else (-1 as "whatever is usual").
    record Either(Constraint first, Constraint second) implements Constraint {
        @Override
        public boolean allows(Object value) {
            return first.allows(value) || second.allows(value);
        }

        @Override
        public String allowed() {
            return first.allowed() + " or " + second.allowed();
        }
    }

    static Constraint anything() {
        return new Anything();
    }
}
