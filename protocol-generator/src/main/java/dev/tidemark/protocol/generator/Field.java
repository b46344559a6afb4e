package dev.tidemark.protocol.generator;

import org.jspecify.annotations.Nullable;

/// One field of a structure.
///
/// @param name the component's name: the schema's with a small first letter
/// @param versions those that have the field at all, tagged or not
/// @param nullable those in which null is allowed
/// @param tagged those in which the field is a tagged one
/// @param tag -1 for none
/// @param defaultText the schema's text; null where it has none
/// @param ignorable whether a value is silently dropped in versions without the field
/// @param neverCompact whether the length keeps its fixed form in flexible versions
record Field(
        String name,
        FieldType type,
        Versions versions,
        Versions nullable,
        Versions tagged,
        int tag,
        @Nullable String defaultText,
        boolean ignorable,
        boolean neverCompact) {
    boolean isNullable() {
        return !nullable.isEmpty();
    }

    boolean hasNullDefault() {
        return "null".equals(defaultText) || (isNullable() && type == FieldType.Basic.RECORDS);
    }

    boolean isErrorCode() {
        return name.equals("errorCode") && type == FieldType.Basic.INT16;
    }
}
