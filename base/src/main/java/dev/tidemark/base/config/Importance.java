package dev.tidemark.base.config;

public enum Importance {
    HIGH,
    MEDIUM,
    LOW
}
