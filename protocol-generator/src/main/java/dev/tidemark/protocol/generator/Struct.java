package dev.tidemark.protocol.generator;

import java.util.List;

/// A message or a structure within one.
///
/// @param versions those in which it can occur
record Struct(String name, Versions versions, List<Field> fields) {}
