package dev.tidemark.broker.partition;

import dev.tidemark.base.serial.Serial;

/// What is to be done in a partition's turn, or where a bug has stopped the partition.
record Turn(Runnable task, Runnable refused) implements Serial.Refusable {
    @Override
    public void run() {
        task.run();
    }

    @Override
    public void onRefused() {
        refused.run();
    }
}
