package dev.tidemark.base.disk;

/// What a [MemoryDisk.Hook] is told of.
public enum DiskOperation {
    OPEN,
    READ,
    WRITE,
    TRUNCATE,
    FORCE,
    LIST,
    CREATE_DIRECTORIES,
    RENAME,
    DELETE,
    FORCE_DIRECTORY,
    FORCE_ALL
}
